package ad_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// TestRightToResetPasswords tells an account that has all rights but this one, gives
// it the right by the command, by a group and by what an empty container hands on, and
// takes it away by a denial.
func TestRightToResetPasswords(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	want := directory.Wanted{
		Verbs: []directory.Verb{directory.VerbCreateAccount, directory.VerbUpdateAccount}, Attributes: []string{"title"},
	}
	cfg := place.Config(t)
	cfg.BindName, cfg.Secret = place.AddServiceAccount(t, nil)
	d := connect(t, cfg)
	give := func(passwords bool) {
		for _, f := range inspected(t, d, want) {
			if f.State == directory.FindingOK || (f.Name == passwordsFinding) != passwords {
				continue
			}
			for _, c := range f.Commands {
				if c.Tool == "samba-tool" {
					place.Tool(t, c.Line)
				}
			}
		}
	}
	wantPasswords(t, d, want, directory.FindingUnknown) // nobody is there to look at
	sample := ensure(t, connect(t, place.Config(t)), joiner(place, 1))
	give(false)
	wantPasswords(t, d, want, directory.FindingFailed)
	if _, err := d.CreateAccount(t.Context(), joiner(place, 0)); !errors.Is(err, directory.ErrDenied) {
		t.Fatalf("create without the right to set passwords: %v, want it denied", err)
	}

	give(true)
	wantPasswords(t, d, want, directory.FindingOK)
	ensure(t, d, joiner(place, 0))

	self := place.Entry(t, cfg.BindName)
	place.Tool(t, "samba-tool dsacl set --objectdn='"+place.Entry(t, "<GUID="+sample.ID+">").DN+"' --sddl='(OD;;CR;00299570-246d-11d0-a768-00aa006e0529;;"+
		sidText(t, self)+")'")
	alone := want
	alone.Containers = []string{"OU=denied," + place.OU}
	place.AddOU(t, alone.Containers[0])
	if err := place.Admin(t).ModifyDN(ldap.NewModifyDNRequest(
		place.Entry(t, "<GUID="+sample.ID+">").DN, "CN=denied", true, alone.Containers[0])); err != nil {
		t.Fatal(err)
	}
	wantPasswords(t, d, alone, directory.FindingFailed)
	place.Tool(t, "samba-tool dsacl set --objectdn='CN=denied,"+alone.Containers[0]+"' --sddl='(D;;RC;;;"+sidText(t, self)+")'")
	wantPasswords(t, d, alone, directory.FindingUnknown) // who may what is not for them to see

	// An empty container that hands the right on is enough.
	empty := want
	empty.Containers = []string{"OU=empty," + place.OU}
	place.AddOU(t, empty.Containers[0])
	wantPasswords(t, d, empty, directory.FindingOK)
	if state := states(inspected(t, d, empty)); state["attribute title"] != directory.FindingOK {
		t.Errorf("attribute title = %s where nobody is yet, want it ok", state["attribute title"])
	}
	// Its property set is denied, which is not for the container's entry to give.
	place.Tool(t, "samba-tool dsacl set --objectdn='"+empty.Containers[0]+"' --sddl='(OD;CIIO;WP;e48d0154-bcf8-11d1-8702-00c04fb96050;bf967aba-0de6-11d0-a285-00aa003049e2;"+
		sidText(t, self)+")'")
	if state := states(inspected(t, d, empty)); state["attribute title"] != directory.FindingUnknown {
		t.Errorf("attribute title = %s where its property set is denied, want it unknown", state["attribute title"])
	}

	// A group of a group has it.
	cfg.BindName, cfg.Secret = place.AddServiceAccount(t, nil)
	other := connect(t, cfg)
	wantPasswords(t, other, want, directory.FindingFailed)
	outer, inner := place.AddGroup(t, "outer", false), place.AddGroup(t, "inner", false)
	place.Join(t, inner, outer)
	place.Join(t, place.GUID(t, cfg.BindName), inner)
	place.Tool(t, "samba-tool dsacl set --objectdn='"+place.OU+"' --sddl='(OA;CIIO;CR;;bf967aba-0de6-11d0-a285-00aa003049e2;"+
		sidText(t, place.Entry(t, "<GUID="+outer+">"))+")'")
	other.Close() // who somebody is is found out at the sign-in
	wantPasswords(t, other, want, directory.FindingOK)
}

// TestRightToResetPasswordsOnSimulator tells it where Windows' strictness is played.
func TestRightToResetPasswordsOnSimulator(t *testing.T) {
	t.Parallel()
	s, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	admin := connect(t, place.Config(t))
	ensure(t, admin, joiner(place, 0))
	want := directory.Wanted{Verbs: []directory.Verb{directory.VerbCreateAccount}}
	wantPasswords(t, admin, want, directory.FindingOK)
	cfg := place.Config(t)
	cfg.BindName, cfg.Secret = place.AddServiceAccount(t, nil)
	d := connect(t, cfg)
	account := place.Entry(t, cfg.BindName).GetAttributeValue("sAMAccountName")
	for _, step := range []struct {
		attributes []string
		want       directory.FindingState
	}{{[]string{"title"}, directory.FindingFailed}, {[]string{"unicodePwd"}, directory.FindingOK}} {
		if err := s.Delegate(simulated.Delegation{Account: account, Unit: place.OU, Attributes: step.attributes}); err != nil {
			t.Fatal(err)
		}
		wantPasswords(t, d, want, step.want)
	}
	place.AddOU(t, "OU=empty,"+place.OU)
	want.Containers = []string{"OU=empty," + place.OU}
	wantPasswords(t, d, want, directory.FindingOK)
}

const passwordsFinding = "passwords"

func wantPasswords(t *testing.T, d *ad.Directory, want directory.Wanted, state directory.FindingState) {
	t.Helper()
	found := inspected(t, d, want)
	i := slices.IndexFunc(found, func(f directory.Finding) bool { return f.Name == passwordsFinding })
	if i < 0 || found[i].State != state {
		t.Errorf("findings = %+v, want passwords %s", found, state)
	}
	if i >= 0 && state != directory.FindingOK && !strings.Contains(found[i].Remedy, "Reset Password") && state == directory.FindingFailed {
		t.Errorf("remedy = %q, want the command that gives the right", found[i].Remedy)
	}
}

// sidText is an identifier as Samba's tool takes it.
func sidText(t *testing.T, e *ldap.Entry) string {
	t.Helper()
	raw := e.GetRawAttributeValue("objectSid")
	const header, part = 8, 4
	if len(raw) < header+part {
		t.Fatal("the object has no identifier")
	}
	text := []string{"S-1-5"}
	for rest := raw[header:]; len(rest) >= part; rest = rest[part:] {
		text = append(text, strconv.FormatUint(uint64(binary.LittleEndian.Uint32(rest)), 10))
	}
	return strings.Join(text, "-")
}
