package store_test

import (
	"strconv"
	"testing"

	"tenure/internal/store/storetest"
)

// BenchmarkEffect opens and closes an effect with one ledger row: what each task
// costs the store.
func BenchmarkEffect(b *testing.B) {
	for name, open := range map[string]func(testing.TB) storetest.Database{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := open(b).Open(b)
			n := 0
			for b.Loop() {
				n++
				key := strconv.Itoa(n)
				if _, _, err := s.OpenEffect(b.Context(), effect(key)); err != nil {
					b.Fatal(err)
				}
				if err := s.CloseEffect(b.Context(), key, outcomeDone, nil, taskRow(key, outcomeDone)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
