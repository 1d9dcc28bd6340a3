package load

import "math/rand/v2"

// rng is the random source of the makers. It draws 32 bits at a time from a 64-bit source: a user
// needs twenty random numbers, which would otherwise take a third of the time to make it.
type rng struct {
	source  *rand.PCG
	rest    uint64
	hasRest bool
}

func newRNG(seed1, seed2 uint64) *rng { return &rng{source: rand.NewPCG(seed1, seed2)} }

// uint32 returns 32 random bits.
func (r *rng) uint32() uint32 {
	if r.hasRest {
		r.hasRest = false
		return uint32(r.rest)
	}

	r.rest = r.source.Uint64()
	r.hasRest = true
	return uint32(r.rest >> 32)
}

// IntN returns a number in [0, n), for n from 1 to 65,536. Its bias is below 1 in 65,536.
func (r *rng) IntN(n int) int { return int(uint64(r.uint32()) * uint64(n) >> 32) }

// Float64 returns a number in [0, 1).
func (r *rng) Float64() float64 { return float64(r.uint32()) / (1 << 32) }

// Uint64 returns 64 random bits.
func (r *rng) Uint64() uint64 { return r.source.Uint64() }

// pick returns one of words at random.
func (r *rng) pick(words []string) string { return words[r.IntN(len(words))] }
