package settings

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"kafka-workshop/internal/workshop"
)

// tries is how often a code is asked for.
const tries = 3

// A Start is what the command line says of whom to join.
type Start struct {
	Address string    // what was typed or pasted
	Code    string    // empty when the address holds it, or it is to be asked for
	Stdin   io.Reader // where people type; nil when nobody does
	Stderr  io.Writer
}

// Join fetches a team's settings, asking for the code when there is none, and keeps them.
func (s Start) Join(ctx context.Context) (workshop.Joining, error) {
	base, code, err := Address(s.Address)
	if err != nil {
		return workshop.Joining{}, err
	}
	if code == "" && s.Code != "" {
		if code = workshop.PlainCode(s.Code); code == "" {
			return workshop.Joining{}, ErrWrongCode
		}
	}
	folder, err := Folder()
	if err != nil {
		return workshop.Joining{}, err
	}
	in := lines{s.Stdin}
	for try := 1; ; try++ {
		given := code
		if given == "" {
			if given, err = s.ask(ctx, in, base); err != nil {
				return workshop.Joining{}, err
			}
		}
		j, skew, err := Fetch(ctx, base, given)
		if errors.Is(err, ErrWrongCode) && code == "" && try < tries {
			fmt.Fprintln(s.Stderr, "No team has this code: try again.")
			continue
		}
		if err != nil {
			return workshop.Joining{}, err
		}
		if says := ClockSays(skew); says != "" {
			fmt.Fprintln(s.Stderr, says)
		}
		if err := Keep(folder, j, given); err != nil {
			return workshop.Joining{}, err
		}
		fmt.Fprintf(s.Stderr, "You are in team %d, %s: group %s at %s. Next time, participant-client alone will do.\n", j.Team, workshop.CleanText(j.Name, workshop.MaxText), j.Group, strings.Join(j.Brokers, ","))
		return j, nil
	}
}

// ask has a code typed; one that cannot be right does not go to the leaderboard.
func (s Start) ask(ctx context.Context, in lines, base string) (string, error) {
	if s.Stdin == nil {
		return "", fmt.Errorf("no code: give the address with it, as in %s/j/CODE, or set WORKSHOP_CODE", base)
	}
	for {
		fmt.Fprint(s.Stderr, "Your team's code: ")
		text, err := in.next(ctx)
		if err != nil {
			return "", fmt.Errorf("no code was typed: %w", err)
		}
		if code := workshop.PlainCode(text); code != "" {
			return code, nil
		}
		fmt.Fprintln(s.Stderr, "A code has nine letters and digits, and neither 0 nor O, 1, I or L.")
	}
}

// lines reads what people type, line by line, and no byte more: what follows is the screen's.
type lines struct{ from io.Reader }

// next waits for a line or for ctx, in which case the read goes on behind the program's end.
func (l lines) next(ctx context.Context) (string, error) {
	type read struct {
		text string
		err  error
	}
	got := make(chan read, 1)
	go func() {
		text, err := bufio.NewReaderSize(oneByte{l.from}, 16).ReadString('\n')
		if errors.Is(err, io.EOF) && text != "" {
			err = nil
		}
		got <- read{text, err}
	}()
	select {
	case r := <-got:
		return r.text, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// oneByte keeps a buffered reader from taking more than it returns.
type oneByte struct{ io.Reader }

func (o oneByte) Read(p []byte) (int, error) {
	if len(p) > 1 {
		p = p[:1]
	}
	return o.Reader.Read(p)
}
