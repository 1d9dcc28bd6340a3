// Command mutants breaks the code in one place at a time and runs the tests that should notice. The files in list
// name each mutant: where it is, what changes, and what would go wrong for the room. It is no part of
// go test ./...: run it from the top of the tree, with
//
//	go run ./internal/mutants                      all of them: about half an hour on two cores
//	go run ./internal/mutants -only game/reveal    those whose file or reason holds a text
//	go run ./internal/mutants -check               none: says whether the list fits the code
//
// A mutant is compiled by an overlay, so the tree is never written to. One that does not compile, or whose old
// text is not in its file exactly once, is an error of the list. It exits with 1 when the list has an error or
// fewer than 95 % are caught.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// enough is the least share of mutants that the tests catch.
const enough = 0.95

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1) //nolint:gocritic // nothing is left for stop to do
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	only := flags.String("only", "", "run the mutants whose file or reason holds this text")
	folder := flags.String("list", filepath.Join("internal", "mutants", "list"), "the folder of the list")
	check := flags.Bool("check", false, "run nothing: say which mutants no longer fit the code")
	if err := flags.Parse(args); err != nil {
		return err
	}

	mutants, err := readList(*folder)
	if err != nil {
		return err
	}
	mutants = holding(mutants, *only)
	if len(mutants) == 0 {
		return fmt.Errorf("no mutant of %s holds %q", *folder, *only)
	}

	if *check {
		return fits(mutants)
	}

	scratch, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }() // a temporary folder may stay behind

	lab := lab{scratch: scratch, healthy: map[string]health{}}
	var results []result
	for _, m := range mutants {
		r := lab.try(ctx, m)
		if err := ctx.Err(); err != nil {
			return err
		}
		results = append(results, r)
		fmt.Fprintln(stdout, r)
	}
	return report(stdout, results)
}

// holding returns the mutants whose file or reason contains a text.
func holding(all []mutant, text string) []mutant {
	var out []mutant
	for _, m := range all {
		if strings.Contains(m.file, text) || strings.Contains(m.why, text) {
			out = append(out, m)
		}
	}
	return out
}

// fits returns an error for each mutant whose old text is not in its file.
func fits(mutants []mutant) error {
	var faults []error
	for _, m := range mutants {
		if _, err := m.changed(); err != nil {
			faults = append(faults, fmt.Errorf("%s: %s: %w", m.file, m.why, err))
		}
	}
	return errors.Join(faults...)
}

// result is the outcome of one mutant.
type result struct {
	mutant
	caught bool
	by     string // the first test that failed
	err    error  // of the list, or of the unchanged code's tests
	took   time.Duration
}

func (r result) String() string {
	took := r.took.Round(100 * time.Millisecond)
	switch {
	case r.err != nil:
		return fmt.Sprintf("ERROR     %s: %s: %v", r.file, r.why, r.err)
	case r.caught:
		return fmt.Sprintf("caught    %s: %s (%s, %v)", r.file, r.why, r.by, took)
	case r.survives != "":
		return fmt.Sprintf("survived  %s: %s (%v; known: %s)", r.file, r.why, took, r.survives)
	}
	return fmt.Sprintf("SURVIVED  %s: %s (%v)", r.file, r.why, took)
}

// report prints the totals by package, and returns an error if they are not good enough.
func report(w io.Writer, results []result) error {
	type total struct{ caught, all int }
	var order []string
	by := map[string]*total{}
	sum := total{}
	untried := 0
	for _, r := range results {
		if r.err != nil {
			untried++
			continue
		}
		name := filepath.ToSlash(filepath.Dir(r.file))
		if by[name] == nil {
			order = append(order, name)
			by[name] = &total{}
		}
		by[name].all++
		sum.all++
		if r.caught {
			by[name].caught++
			sum.caught++
		}
	}

	fmt.Fprintln(w)
	for _, name := range order {
		fmt.Fprintf(w, "%-28s %3d of %3d\n", name, by[name].caught, by[name].all)
	}
	share := float64(sum.caught) / float64(max(sum.all, 1))
	fmt.Fprintf(w, "%-28s %3d of %3d: %.1f %%\n", "caught", sum.caught, sum.all, 100*share)

	if untried > 0 {
		return fmt.Errorf("%d mutants could not be tried", untried)
	}
	if share < enough {
		return fmt.Errorf("%.1f %% are caught, and %.0f %% are to be", 100*share, 100*enough)
	}
	return nil
}
