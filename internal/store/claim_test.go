package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

const attributeUPN = "userPrincipalName"

func claimOf(owner, value string) store.Claim {
	return store.Claim{Target: targetEntra, Attribute: attributeUPN, Value: value, Owner: owner, At: at}
}

func TestReserveFoldsNames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		if _, mine, err := s.Reserve(ctx, claimOf(journeyAda, "Ada.Straße@contoso.example")); err != nil || !mine {
			t.Fatalf("reserve: mine %v, error %v", mine, err)
		}
		for _, same := range []string{"ada.strasse@CONTOSO.example", " ADA.STRASSE@contoso.example", "ａda.straße@contoso.example"} {
			current, mine, err := s.Reserve(ctx, claimOf(journeyBela, same))
			if err != nil || mine || current.Owner != journeyAda {
				t.Errorf("reserve %q: mine %v, owner %q, error %v; want it taken", same, mine, current.Owner, err)
			}
			if _, mine, err := s.Reserve(ctx, claimOf(journeyAda, same)); err != nil || !mine {
				t.Errorf("reserve %q again: mine %v, error %v; want mine", same, mine, err)
			}
		}
	})
}

// TestS13QuarantinedNameStaysItsOwners: a leaver's name is nobody else's before
// the owner's journey releases it, and is the owner's again at a rehire.
func TestS13QuarantinedNameStaysItsOwners(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		until := at.Add(90 * 24 * time.Hour)
		leaver := claimOf(journeyAda, "ada@contoso.example")
		if err := s.Hold(ctx, leaver); err != nil {
			t.Fatal(err)
		}
		leaver.Until = until
		if err := s.Quarantine(ctx, leaver); err != nil {
			t.Fatal(err)
		}
		// Long after the quarantine too: there is no expiry.
		late := claimOf(journeyBela, "ada@contoso.example")
		late.At = until.Add(time.Hour)
		current, mine, err := s.Reserve(ctx, late)
		if err != nil || mine {
			t.Fatalf("reserve a quarantined name: mine %v, error %v", mine, err)
		}
		leaver.State = store.ClaimQuarantined
		if diff := cmp.Diff(leaver, current); diff != "" {
			t.Errorf("claim (-want +got):\n%s", diff)
		}
		var claimed *store.ClaimedError
		if err := s.Release(ctx, targetEntra, attributeUPN, "ada@contoso.example", journeyBela); !errors.As(err, &claimed) {
			t.Errorf("release by another: got %v, want *ClaimedError", err)
		}
		if err := s.Hold(ctx, claimOf(journeyAda, "ada@contoso.example")); err != nil {
			t.Errorf("hold at a rehire: %v", err)
		}
		if got, err := s.Claim(ctx, targetEntra, attributeUPN, "ADA@contoso.example"); err != nil || !got.Until.IsZero() {
			t.Errorf("claim after the rehire: until %v, error %v; want none", got.Until, err)
		}
	})
}

// TestReleasedValueIsTakenAtOnce: whoever gives a value up has done so, also
// where somebody else has it an instant later.
func TestReleasedValueIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		const rounds = 200
		var wait sync.WaitGroup
		for _, owner := range []string{journeyAda, journeyBela, "journey/main/1003", "journey/main/1004"} {
			wait.Go(func() {
				for range rounds {
					_, mine, err := s.Reserve(ctx, claimOf(owner, "shared@contoso.example"))
					if err == nil && mine {
						err = s.Release(ctx, targetEntra, attributeUPN, "shared@contoso.example", owner)
					}
					if err != nil {
						t.Errorf("%s: %v", owner, err)
						return
					}
				}
			})
		}
		wait.Wait()
	})
}

func TestForeignNames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		name := claimOf(journeyAda, "ada@contoso.example")
		if _, _, err := s.Reserve(ctx, name); err != nil {
			t.Fatal(err)
		}
		current, err := s.MarkForeign(ctx, name)
		if err != nil || current.State != store.ClaimForeign || current.Owner != "" {
			t.Fatalf("mark my reservation as foreign: got %+v, error %v", current, err)
		}
		got, err := s.ReserveFirst(ctx, targetEntra, attributeUPN,
			[]string{"ada@contoso.example", "ada2@contoso.example"}, journeyAda, at)
		if err != nil || got != "ada2@contoso.example" {
			t.Errorf("reserve first: got %q, error %v; want the second", got, err)
		}
		// Another journey's claim is not taken away by a mark.
		if current, err = s.MarkForeign(ctx, claimOf(journeyBela, "ada2@contoso.example")); err != nil || current.Owner != journeyAda {
			t.Errorf("mark another's as foreign: owner %q, error %v; want it left", current.Owner, err)
		}
		if err := s.Hold(ctx, name); err != nil {
			t.Errorf("hold a foreign name that turned out to be mine: %v", err)
		}
		if err := s.Hold(ctx, claimOf(journeyBela, "ada@contoso.example")); !errors.Is(err, store.ErrConflict) {
			t.Errorf("hold another's: got %v, want ErrConflict", err)
		}
	})
}

func TestClaimRefuses(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	for _, bad := range []store.Claim{claimOf("", "x"), claimOf(journeyAda, " "), {Target: "t", Value: "v", Owner: "o"}} {
		if _, _, err := s.Reserve(t.Context(), bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("reserve %+v: got %v, want ErrInvalid", bad, err)
		}
	}
	_, err := s.ReserveFirst(t.Context(), "t", "a", nil, journeyAda, at)
	if !errors.Is(err, store.ErrNoCandidate) {
		t.Errorf("no candidates: got %v, want ErrNoCandidate", err)
	}
}

// TestConcurrentHiresNeverShareAName: 200 hires of 20 names at once. Each gets
// a name of its own, and the suffixes in use have no gaps.
func TestConcurrentHiresNeverShareAName(t *testing.T) {
	t.Parallel()
	const hires, names = 200, 20
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		stores := []*store.Store{db.Open(t), db.Open(t)}
		var group sync.WaitGroup
		got := make([]string, hires)
		for i := range hires {
			group.Go(func() {
				var candidates []string
				for suffix := range hires/names + 1 {
					candidates = append(candidates, nameOf(i%names, suffix))
				}
				owner := fmt.Sprintf("journey/main/%d", i)
				for range 2 { // the second call is a retry and must return the same
					name, err := stores[i/names%2].ReserveFirst(t.Context(), targetEntra, attributeUPN, candidates, owner, at)
					if err != nil || (got[i] != "" && got[i] != name) {
						t.Errorf("hire %d: got %q after %q, error %v", i, name, got[i], err)
					}
					got[i] = name
				}
			})
		}
		group.Wait()
		want := make([]string, 0, hires)
		for i := range hires {
			want = append(want, nameOf(i%names, i/names))
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("names in use (-want +got):\n%s", diff)
		}
	})
}

func nameOf(person, suffix int) string {
	if suffix == 0 {
		return fmt.Sprintf("person%d@contoso.example", person)
	}
	return fmt.Sprintf("person%d.%d@contoso.example", person, suffix)
}

// TestClaimsFollowTheModel runs random calls against a map that says what each
// must do.
func TestClaimsFollowTheModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			m := &claimModel{t: r, s: s, target: fmt.Sprintf("target%d", round), taken: map[string]modelClaim{}}
			r.Repeat(map[string]func(*rapid.T){
				"reserve": m.reserve, "hold": m.hold, "quarantine": m.quarantine,
				"release": m.release, "foreign": m.foreign, "first": m.first, "": m.check,
			})
		})
	})
}

type modelClaim struct {
	owner string
	state store.ClaimState
}

type claimModel struct {
	t      *rapid.T
	s      *store.Store
	target string
	taken  map[string]modelClaim
}

func (m *claimModel) draw(r *rapid.T) store.Claim {
	return store.Claim{
		Target: m.target, Attribute: "mail", At: at,
		Value: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "value"),
		Owner: rapid.SampledFrom([]string{"x", "y"}).Draw(r, "owner"),
	}
}

func (m *claimModel) reserve(r *rapid.T) {
	claim := m.draw(r)
	_, mine, err := m.s.Reserve(m.t.Context(), claim)
	if _, taken := m.taken[claim.Value]; !taken {
		m.taken[claim.Value] = modelClaim{claim.Owner, store.ClaimReserved}
	}
	if want := m.taken[claim.Value].owner == claim.Owner; err != nil || mine != want {
		r.Fatalf("reserve: got mine %v, error %v; want %v", mine, err, want)
	}
}

func (m *claimModel) hold(r *rapid.T) {
	claim := m.draw(r)
	m.take(r, claim, m.s.Hold(m.t.Context(), claim), store.ClaimHeld, m.taken[claim.Value].state == store.ClaimForeign)
}

func (m *claimModel) quarantine(r *rapid.T) {
	claim := m.draw(r)
	m.take(r, claim, m.s.Quarantine(m.t.Context(), claim), store.ClaimQuarantined, false)
}

func (m *claimModel) take(r *rapid.T, claim store.Claim, got error, state store.ClaimState, allowed bool) {
	current, taken := m.taken[claim.Value]
	if taken && current.owner != claim.Owner && !allowed {
		if !errors.Is(got, store.ErrConflict) {
			r.Fatalf("%s another's: got %v, want ErrConflict", state, got)
		}
		return
	}
	if got != nil {
		r.Fatalf("%s: got %v, want no error", state, got)
	}
	m.taken[claim.Value] = modelClaim{claim.Owner, state}
}

func (m *claimModel) release(r *rapid.T) {
	claim := m.draw(r)
	err := m.s.Release(m.t.Context(), m.target, "mail", claim.Value, claim.Owner)
	current, taken := m.taken[claim.Value]
	if taken && current.owner != claim.Owner {
		if !errors.Is(err, store.ErrConflict) {
			r.Fatalf("release another's: got %v, want ErrConflict", err)
		}
		return
	}
	if err != nil {
		r.Fatalf("release: %v", err)
	}
	delete(m.taken, claim.Value)
}

func (m *claimModel) foreign(r *rapid.T) {
	claim := m.draw(r)
	if _, err := m.s.MarkForeign(m.t.Context(), claim); err != nil {
		r.Fatalf("mark foreign: %v", err)
	}
	current, taken := m.taken[claim.Value]
	if !taken || current == (modelClaim{claim.Owner, store.ClaimReserved}) {
		m.taken[claim.Value] = modelClaim{"", store.ClaimForeign}
	}
}

func (m *claimModel) first(r *rapid.T) {
	claim, candidates := m.draw(r), []string{"a", "b", "c"}
	got, err := m.s.ReserveFirst(m.t.Context(), m.target, "mail", candidates, claim.Owner, at)
	want := ""
	for _, candidate := range candidates {
		current, taken := m.taken[candidate]
		if taken && current.owner == claim.Owner {
			want = candidate
			break
		}
		if !taken && want == "" {
			want = candidate
		}
	}
	if want == "" {
		if !errors.Is(err, store.ErrNoCandidate) {
			r.Fatalf("reserve first: got %q, error %v; want ErrNoCandidate", got, err)
		}
		return
	}
	if err != nil || got != want {
		r.Fatalf("reserve first: got %q, error %v; want %q", got, err, want)
	}
	if _, taken := m.taken[want]; !taken {
		m.taken[want] = modelClaim{claim.Owner, store.ClaimReserved}
	}
}

func (m *claimModel) check(r *rapid.T) {
	for _, value := range slices.Sorted(maps.Keys(m.taken)) {
		got, err := m.s.Claim(m.t.Context(), m.target, "mail", value)
		if want := m.taken[value]; err != nil || got.Owner != want.owner || got.State != want.state {
			r.Fatalf("claim of %s: got %s of %q, error %v; want %s of %q", value, got.State, got.Owner, err, want.state, want.owner)
		}
	}
	for _, value := range []string{"a", "b", "c"} {
		if _, taken := m.taken[value]; taken {
			continue
		}
		if _, err := m.s.Claim(m.t.Context(), m.target, "mail", value); !errors.Is(err, store.ErrNotFound) {
			r.Fatalf("claim of %s: got %v, want ErrNotFound", value, err)
		}
	}
}
