package notify

import "net"

// IsLoopback reports whether a host is this machine: the only one to which
// mail may go without TLS.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
