// Package adtest starts a real Active Directory domain controller, Samba's, for
// the tests of the connector and of what stands on it. It runs the project's own
// script (deploy/samba); nothing survives the test binary. Where Samba is not
// installed a test is skipped aloud, and fails where CI is set.
package adtest
