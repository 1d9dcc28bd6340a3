package score

import (
	"hash/maphash"
	"math"
	"math/bits"
	"time"
)

// An index holds the users that were seen, in bounded memory: 20 bytes per user. Slots are filled in a ring, block by block,
// so that nothing is copied as it grows. When the ring is full, the oldest block of users is evicted.
type index struct {
	seed     maphash.Seed
	capacity int // in users; a whole number of blocks
	block    int // users that are evicted together
	full     bool
	next     int // the slot for the next user
	blocks   []block
	origin   int64    // the base of the users' times, in Unix milliseconds; 0 before the first user
	table    []uint32 // open addressing by hash, at most two thirds full: slot + 1, or 0 if empty
	evicted  int64    // number of evicted users
}

// A block holds the data of users with neighbouring slots.
type block struct {
	hash []uint64
	made []uint32 // milliseconds since the index's origin; 0 for a user of an earlier round
	rows []uint16 // bit r-1 for row r of the table, bit 15 once matured
}

const matured = 1 << 15 // counted for recall; rows need 15 bits

// beforeRound is the time of users that were produced before the round began. They do not count, and an action about one of
// them is not wrong.
const beforeRound = math.MinInt64

func newIndex(capacity int) *index {
	together := max(min(4096, capacity/8), 1)
	return &index{
		seed: maphash.MakeSeed(), block: together, capacity: max(capacity/together, 2) * together,
		table: make([]uint32, 1024),
	}
}

// at returns the block of a slot and its place in the block.
func (x *index) at(slot int) (b *block, i int) { return &x.blocks[slot/x.block], slot % x.block }

func (x *index) hash(slot int) uint64 {
	b, i := x.at(slot)
	return b.hash[i]
}

// rows returns the rows of the table that a user meets, and whether it has matured.
func (x *index) rows(slot int) uint16 {
	b, i := x.at(slot)
	return b.rows[i]
}

func (x *index) mature(slot int) {
	b, i := x.at(slot)
	b.rows[i] |= matured
}

// len returns how many slots have been filled.
func (x *index) len() int {
	if x.full {
		return x.capacity
	}
	return x.next
}

// madeAt returns when the user in a slot was produced, in Unix milliseconds, or beforeRound for a user of an earlier round.
func (x *index) madeAt(slot int) int64 {
	b, i := x.at(slot)
	if b.made[i] == 0 {
		return beforeRound
	}
	return x.origin + int64(b.made[i])
}

// set stores the rows of a user and when it was produced.
func (x *index) set(slot int, rows uint16, made int64) {
	b, i := x.at(slot)
	b.rows[i], b.made[i] = rows, 0
	if made == beforeRound {
		return
	}
	if x.origin == 0 {
		x.origin = made - earliest.Milliseconds()
	}
	b.made[i] = uint32(min(max(made-x.origin, 1), math.MaxUint32))
}

// earliest is how long before the first user another one may have been produced and still keep its time; users from before
// that get the earliest time. Kafka orders records only within a partition.
const earliest = 24 * time.Hour

// find returns the slot of a user.
func (x *index) find(email string) (slot int, ok bool) {
	h := maphash.String(x.seed, email)
	for at := x.home(h); x.table[at] != 0; at = x.after(at) {
		if slot := int(x.table[at] - 1); x.hash(slot) == h {
			return slot, true
		}
	}
	return 0, false
}

// add inserts a user. It returns the block that was evicted to make room, or -1. A known user does not change.
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
	if slot/x.block == len(x.blocks) {
		x.blocks = append(x.blocks, block{make([]uint64, x.block), make([]uint32, x.block), make([]uint16, x.block)})
	}
	b, i := x.at(slot)
	b.hash[i] = h
	x.set(slot, rows, made)

	if 3*x.len() > 2*len(x.table) {
		x.grow()
	}
	x.put(slot)
	return slot, evicted, true
}

// earlier reports whether the user was produced before the round began.
func (x *index) earlier(slot int) bool { return x.madeAt(slot) == beforeRound }

// markEarlier marks all users as users of an earlier round.
func (x *index) markEarlier() {
	for slot := range x.len() {
		x.set(slot, matured, beforeRound)
	}
	x.origin = 0
}

// slots calls f for every user in the index.
func (x *index) slots(f func(slot int)) {
	for s := range x.len() {
		if !x.full || s < x.next || s >= x.nextBlock() {
			f(s)
		}
	}
}

// nextBlock returns the first slot after the block that is being filled.
func (x *index) nextBlock() int { return (x.next + x.block - 1) / x.block * x.block }

// home returns where the search for a hash begins.
func (x *index) home(h uint64) int {
	at, _ := bits.Mul64(h, uint64(len(x.table)))
	return int(at)
}

// after returns the place where a search continues.
func (x *index) after(at int) int {
	if at++; at < len(x.table) {
		return at
	}
	return 0
}

// distance returns how many places a search passes between two places.
func (x *index) distance(from, to int) int {
	if to < from {
		to += len(x.table)
	}
	return to - from
}

func (x *index) put(slot int) { x.table[x.free(x.hash(slot))] = uint32(slot + 1) }

func (x *index) free(h uint64) int {
	at := x.home(h)
	for x.table[at] != 0 {
		at = x.after(at)
	}
	return at
}

func (x *index) grow() {
	old := x.table
	x.table = make([]uint32, min(2*len(old), x.capacity*3/2+1))
	for _, v := range old {
		if v != 0 {
			x.put(int(v - 1))
		}
	}
}

// remove deletes a slot from the table and closes the gap, so that no probe ends too early.
func (x *index) remove(slot int) {
	at := x.home(x.hash(slot))
	for x.table[at] != uint32(slot+1) {
		at = x.after(at)
	}
	for probe := x.after(at); x.table[probe] != 0; probe = x.after(probe) {
		home := x.home(x.hash(int(x.table[probe] - 1)))
		// The entry may move to the gap unless its home is behind the gap.
		if x.distance(home, probe) >= x.distance(at, probe) {
			x.table[at] = x.table[probe]
			at = probe
		}
	}
	x.table[at] = 0
}
