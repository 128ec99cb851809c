package adtest

import (
	"strings"
	"testing"

	simulated "tenure/internal/sim/ad"
)

// Simulated starts a domain that is as strict as Windows, with one controller. It
// ends with the test.
func Simulated(tb testing.TB, o simulated.Options) (*simulated.Server, *Controller) {
	tb.Helper()
	o.Password = "Adm1n-Passw0rd!"
	s, err := simulated.New(o)
	if err != nil {
		tb.Fatalf("make domain: %v", err)
	}
	dc, err := s.Start(tb.Context(), "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("start domain controller: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("stop domain: %v", err)
		}
	})
	return s, &Controller{
		Address: strings.TrimPrefix(dc.URL(), "ldaps://"), PlainAddress: strings.TrimPrefix(dc.PlainURL(), "ldap://"),
		CA: s.CA(), BaseDN: s.BaseDN(), Domain: s.Domain(), BindName: s.Administrator(), Password: o.Password,
	}
}
