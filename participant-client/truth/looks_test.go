package truth

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// lookEvery is the time between an observer's looks.
const lookEvery = 100 * time.Millisecond

// A record of looks is what an observer has seen, in order.
type record[L any] struct {
	mu      sync.Mutex // guards what follows
	looks   []L
	changed chan struct{} // closed with each look
}

func newRecord[L any]() *record[L] { return &record[L]{changed: make(chan struct{})} }

// keep looks until ctx ends. It ignores a look that fails: the topic may be away.
func (r *record[L]) keep(ctx context.Context, look func(context.Context) (L, error)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if l, err := look(ctx); err == nil {
			r.mu.Lock()
			r.looks = append(r.looks, l)
			close(r.changed)
			r.changed = make(chan struct{})
			r.mu.Unlock()
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// seen returns the looks so far, and a channel that closes with the next look.
func (r *record[L]) seen() ([]L, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.looks), r.changed
}

// holdKinds fails unless each constant of a type Kind in a file has a rule, and there are as many rules as kinds.
func holdKinds(t *testing.T, path string, rules int, hasRule func(kind string) bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != "Kind" {
			return true
		}
		kinds++
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if !hasRule(text) {
			t.Errorf("no rule for this sentence: %s", text)
		}
		return true
	})
	if kinds != rules {
		t.Errorf("%d kinds and %d rules", kinds, rules)
	}
}
