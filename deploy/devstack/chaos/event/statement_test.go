package event

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tenure/deploy/devstack/chaos/site"
)

func TestHoldsIsWhatTheOrderSays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	full := func(id string, hours, sequence int, department, office string) statement {
		return statement{id: id, asOf: at.Add(time.Duration(hours) * time.Hour), sequence: sequence, says: site.Employee{Department: department, Office: office}}
	}
	partial := full("c", 2, 0, "Legal", "")
	partial.part = job
	for name, tt := range map[string]struct {
		said []statement
		want site.Employee
	}{
		"newest":              {[]statement{full("b", 1, 0, "Sales", "Vik"), full("a", 0, 0, "IT", "Nord")}, site.Employee{Department: "Sales", Office: "Vik"}},
		"same instant, by ID": {[]statement{full("b", 0, 0, "Sales", ""), full("a", 0, 0, "IT", "")}, site.Employee{Department: "Sales"}},
		"sequence before all": {[]statement{full("a", 0, 2, "IT", ""), full("b", 5, 1, "Sales", "")}, site.Employee{Department: "IT"}},
		"a newer part":        {[]statement{partial, full("a", 1, 0, "IT", "Vik")}, site.Employee{Department: "Legal", Office: "Vik"}},
		"an older part":       {[]statement{partial, full("a", 3, 0, "IT", "Vik")}, site.Employee{Department: "IT", Office: "Vik"}},
	} {
		if got := holds(tt.said); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestDrawMakesEveryKind(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var ties, partial, numbered, gone int
	for number := range 50 {
		said := draw(random, number, 12, time.Now())
		for i, s := range said {
			if i > 0 && s.asOf.Equal(said[i-1].asOf) {
				ties++
			}
			if s.part != whole {
				partial++
			}
			if _, err := s.body(); err != nil {
				t.Error(err)
			}
		}
		if said[0].part != whole || said[0].asOf.After(time.Now()) {
			t.Errorf("the first statement is %+v", said[0])
		}
		numbered += min(1, said[0].sequence)
		if !works(holds(said), time.Now().Format(time.DateOnly)) {
			gone++
		}
		shuffled := slices.Clone(said)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if holds(shuffled) != holds(said) {
			t.Errorf("what holds of %d hangs on the order", number)
		}
	}
	for what, count := range map[string]int{"ties": ties, "partial": partial, "numbered": numbered, "gone": gone} {
		if count < 5 {
			t.Errorf("%d %s among 600 statements, want some", count, what)
		}
	}
}
