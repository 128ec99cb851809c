package ad_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/ad"
	"tenure/internal/sim/fault"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	const short = 300 * time.Millisecond // of a client that is to give up
	for _, tt := range []struct {
		rule fault.Rule
		want int
		done bool
		wait time.Duration
	}{
		{rule: fault.Rule{Kind: fault.Reset}, want: -1},
		{rule: fault.Rule{Kind: fault.Lost}, want: -1, done: true},
		{rule: fault.Rule{Kind: fault.Silent}, want: 200, done: true, wait: short},
		{rule: fault.Rule{Kind: fault.Throttled}, want: 51},
		{rule: fault.Rule{Kind: fault.Unavailable}, want: 52},
		{rule: fault.Rule{Kind: fault.NotFound}, want: 32},
		{rule: fault.Rule{Kind: fault.Exhausted}, want: 80},
		{rule: fault.Rule{Kind: fault.Slow, DelayMillis: 7000}, done: true},
	} {
		t.Run(string(tt.rule.Kind), func(t *testing.T) {
			t.Parallel()
			var slept atomic.Int64
			h := start(t, func(o *ad.Options) {
				o.Sleep = func(ctx context.Context, d time.Duration) error {
					slept.Add(int64(d))
					return ctx.Err()
				}
			})
			a, b := h.user("a", "a", "employeeID", "1"), h.user("b", "b", "employeeID", "2")
			tt.rule.Method, tt.rule.Path, tt.rule.About = ad.OpModify, "/user/**/title/**", "1"
			h.must(h.SetFaults(tt.rule))
			h.must(h.replace(b, "title", "Lead"))      // about somebody else
			h.must(h.replace(a, "department", "Peat")) // about something else
			if tt.wait > 0 {
				h.conn.SetTimeout(tt.wait)
			}
			h.ResetRequests()
			wantCode(t, "modify", h.replace(a, "title", "Lead"), tt.want)
			if line := h.Requests()[0]; line.Fault != string(tt.rule.Kind) || line.Op != ad.OpModify || line.Path != "/user/title" || line.Who != "Administrator" {
				t.Errorf("journal = %+v, want the modify with its fault", line)
			}
			h.conn = h.bind(h.Administrator(), adminPass)
			if got := h.read(a).GetAttributeValue("title") == "Lead"; got != tt.done {
				t.Errorf("performed = %v, want %v", got, tt.done)
			}
			if got := time.Duration(slept.Load()); got != time.Duration(tt.rule.DelayMillis)*time.Millisecond {
				t.Errorf("slept %s, want %d ms", got, tt.rule.DelayMillis)
			}
			h.must(h.replace(a, "title", "Boss"))
		})
	}
}

func TestUnlisted(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.user("a", "a", "employeeID", "1")
	h.must(h.SetFaults(fault.Rule{Method: ad.OpSearch, Path: "/sub/employeeid", Kind: fault.Unlisted}))
	if got := h.find("(employeeID=1)"); len(got) != 0 {
		t.Errorf("found %v, want nobody", got)
	}
	if got := h.find("(employeeID=1)"); len(got) != 1 {
		t.Errorf("found %v afterwards, want one", got)
	}
}

func TestFaultsOfAnotherWorld(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, kind := range fault.Kinds() {
		err := h.SetFaults(fault.Rule{Kind: kind})
		if carried := slices.Contains(ad.FaultKinds(), kind); carried != (err == nil) {
			t.Errorf("SetFaults(%s) = %v, carried out: %v", kind, err, carried)
		}
	}
	h.must(h.SetFaults())
}

func TestControllers(t *testing.T) {
	t.Parallel()
	h := start(t)
	second, err := h.Start(t.Context(), "127.0.0.1:0")
	h.must(err)
	a := h.user("a", "a")
	other, err := ldap.DialURL(second.URL(), ldap.DialWithTLSConfig(h.tls()))
	h.must(err)
	t.Cleanup(func() { _ = other.Close() })
	other.SetTimeout(waitLimit)
	h.must(other.Bind(h.Administrator(), adminPass))
	h.must(h.dc.Close())
	wantBroken(t, "ask a controller that is gone", h.replace(a, "title", "Lead"))
	h.must(other.Modify(replacing(a, "title", "Lead")))

	second.Pause()
	other.SetTimeout(200 * time.Millisecond)
	wantCode(t, "ask a controller that hangs", other.Modify(replacing(a, "title", "Boss")), 200)
	if got := h.State().Accounts[0].Attributes["title"]; len(got) != 1 || got[0] != "Lead" {
		t.Errorf("title while it hangs = %v, want Lead", got)
	}
	second.Resume()
	other.SetTimeout(waitLimit)
	got, err := other.Search(h.query(a, ldap.ScopeBaseObject, "(title=*)", "title"))
	h.must(err)
	if len(got.Entries) != 1 {
		t.Errorf("%d objects after it hung, want one", len(got.Entries))
	}
	second.Disconnect()
	wantBroken(t, "ask on a broken connection", other.Modify(replacing(a, "title", "Chief")))
}

// wantBroken wants what a client says of a connection that is gone: an error of its own, or, when it has noticed
// before, code 200.
func wantBroken(t *testing.T, what string, err error) {
	t.Helper()
	if got := code(err); got != -1 && got != 200 {
		t.Errorf("%s: code %d (%v), want a broken connection", what, got, err)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.ResetRequests()
	dn := h.user("a", "a")
	h.must(h.replace(dn, "title", "Lead"))
	h.find("(title=Lead)")
	h.must(h.conn.Del(ldap.NewDelRequest(dn, nil)))
	want := map[string]int{ad.OpAdd: 1, ad.OpModify: 1, ad.OpSearch: 1, ad.OpDelete: 1}
	if d := cmp.Diff(want, h.Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	paths := []string{}
	for _, line := range h.Requests() {
		paths = append(paths, line.Op+" "+line.Path)
	}
	wantPaths := []string{"add /user", "modify /user/title", "search /sub/title", "delete /user"}
	if d := cmp.Diff(wantPaths, paths); d != "" {
		t.Errorf("journal (-want +got):\n%s", d)
	}
}
