package load

import "math/rand/v2"

// dice are the generator's randomness: each throw takes half of what its source gives, for making a
// user takes twenty throws, and they would be a third of its cost.
type dice struct {
	source *rand.PCG
	rest   uint64
	has    bool
}

func newDice(seed1, seed2 uint64) *dice { return &dice{source: rand.NewPCG(seed1, seed2)} }

// bits are 32 random ones.
func (d *dice) bits() uint32 {
	if d.has {
		d.has = false
		return uint32(d.rest)
	}
	d.rest, d.has = d.source.Uint64(), true
	return uint32(d.rest >> 32)
}

// IntN is a number from 0 to below n, which is 1 to 65,536: uneven by less than 1 in 65,536.
func (d *dice) IntN(n int) int { return int(uint64(d.bits()) * uint64(n) >> 32) }

// Float64 is a number from 0 to below 1.
func (d *dice) Float64() float64 { return float64(d.bits()) / (1 << 32) }

// Uint64 is 64 random bits.
func (d *dice) Uint64() uint64 { return d.source.Uint64() }

// one picks a word.
func one(d *dice, words []string) string { return words[d.IntN(len(words))] }
