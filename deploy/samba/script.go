package samba

import _ "embed" // the script

// Script is samba-ad.sh.
//
//go:embed samba-ad.sh
var Script string
