// Package samba holds the script that starts a throw-away Active Directory
// domain controller, for tests and for trials by hand. It keeps nothing outside
// its folder and listens on loopback only; it must not be used for anything
// that is to last.
package samba
