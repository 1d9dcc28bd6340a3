package score

import (
	"hash/maphash"
	"math"
)

// An index holds the users that were seen, in bounded memory: about 26 bytes per user. Slots are
// filled in a ring. When the ring is full, the oldest block of users is evicted.
type index struct {
	seed     maphash.Seed
	capacity int // in users; a whole number of blocks
	block    int // users that go together
	full     bool
	next     int // the slot for the next user
	hash     []uint64
	rows     []uint16 // by slot: bit r-1 for row r of the table, bit 15 once matured
	made     []int64  // by slot: when the user was produced, in Unix milliseconds; beforeRound for one of a round before
	table    []uint32 // open addressing by hash: slot + 1, 0 for none
	evicted  int64    // users that were dropped
}

const matured = 1 << 15 // counted for recall; rows need 15 bits

// beforeRound is the time of users that were produced before the round began. They do not count, and
// an action about one of them is not wrong.
const beforeRound = math.MinInt64

func newIndex(capacity int) *index {
	block := max(min(4096, capacity/8), 1)
	return &index{
		seed: maphash.MakeSeed(), block: block, capacity: max(capacity/block, 2) * block,
		table: make([]uint32, 1024),
	}
}

// find returns the slot of a user.
func (x *index) find(email string) (slot int, ok bool) {
	h := maphash.String(x.seed, email)
	for at := x.home(h); x.table[at] != 0; at = x.after(at) {
		if slot := int(x.table[at] - 1); x.hash[slot] == h {
			return slot, true
		}
	}
	return 0, false
}

// add inserts a user. It returns the block that was evicted to make room, or -1. A user that is known
// already stays as it is.
func (x *index) add(email string, rows uint16, made int64) (slot, evicted int, ok bool) {
	if _, known := x.find(email); known {
		return 0, -1, false
	}
	evicted = -1
	if x.next == x.capacity {
		x.next, x.full = 0, true
	}
	if x.full && x.next%x.block == 0 {
		evicted = x.next / x.block
		for s := x.next; s < x.next+x.block; s++ {
			x.remove(s)
		}
		x.evicted += int64(x.block)
	}

	h := maphash.String(x.seed, email)
	slot = x.next
	x.next++
	if slot == len(x.hash) {
		x.hash, x.rows, x.made = append(x.hash, h), append(x.rows, rows), append(x.made, made)
	} else {
		x.hash[slot], x.rows[slot], x.made[slot] = h, rows, made
	}

	if 2*len(x.hash) > len(x.table) {
		x.grow()
	}
	x.put(slot)
	return slot, evicted, true
}

// earlier reports whether the user was produced before the round began.
func (x *index) earlier(slot int) bool { return x.made[slot] == beforeRound }

// markEarlier makes all users those of an earlier round.
func (x *index) markEarlier() {
	for slot := range x.made {
		x.rows[slot], x.made[slot] = matured, beforeRound
	}
}

// slots calls f for every user in the index.
func (x *index) slots(f func(slot int)) {
	for s := range x.hash {
		if !x.full || s < x.next || s >= x.nextBlock() {
			f(s)
		}
	}
}

// nextBlock returns the first slot after the block that is being filled.
func (x *index) nextBlock() int { return (x.next + x.block - 1) / x.block * x.block }

func (x *index) home(h uint64) int { return int(h & uint64(len(x.table)-1)) }
func (x *index) after(at int) int  { return (at + 1) & (len(x.table) - 1) }
func (x *index) put(slot int)      { x.table[x.free(x.hash[slot])] = uint32(slot + 1) }
func (x *index) free(h uint64) int {
	at := x.home(h)
	for x.table[at] != 0 {
		at = x.after(at)
	}
	return at
}

func (x *index) grow() {
	old := x.table
	x.table = make([]uint32, 2*len(old))
	for _, v := range old {
		if v != 0 {
			x.put(int(v - 1))
		}
	}
}

// remove deletes a slot from the table and closes the gap, so that no probe ends too early.
func (x *index) remove(slot int) {
	at := x.home(x.hash[slot])
	for x.table[at] != uint32(slot+1) {
		at = x.after(at)
	}
	for probe := x.after(at); x.table[probe] != 0; probe = x.after(probe) {
		home := x.home(x.hash[x.table[probe]-1])
		// The entry may move to the gap unless its home lies behind the gap, cyclically.
		if (probe-home)&(len(x.table)-1) >= (probe-at)&(len(x.table)-1) {
			x.table[at] = x.table[probe]
			at = probe
		}
	}
	x.table[at] = 0
}
