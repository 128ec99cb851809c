package mapping

// generator is splitmix64: small, and the same numbers for the same seed on
// every machine and in every version.
type generator struct{ state uint64 }

// NewRandom returns a source that gives the same numbers for the same seed. It
// is not safe for concurrent use. Whoever needs secrets draws the seed from a
// secure source and keeps it as secret as they are.
func NewRandom(seed uint64) Random { return &generator{seed} }

// Uint64 implements [Random].
func (g *generator) Uint64() uint64 {
	g.state += 0x9E3779B97F4A7C15
	z := g.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
