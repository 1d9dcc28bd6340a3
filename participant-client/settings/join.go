package settings

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"
)

// maxTries is how often the user is asked for a code.
const maxTries = 3

// A Start is what the user entered about the team to join.
type Start struct {
	Address string    // as typed or pasted
	Code    string    // empty if the address holds it, or the user is to be asked
	Stdin   io.Reader // nil if it is not a terminal
	Stderr  io.Writer
}

// Join fetches a team's settings and saves them. It asks for the code if there is none.
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
	j, code, ahead, err := s.fetch(ctx, base, code)
	if err != nil {
		return workshop.Joining{}, err
	}
	if text := fault.Clock(ahead); text != "" {
		fmt.Fprintln(s.Stderr, text)
	}
	if err := Save(folder, j, code); err != nil {
		return workshop.Joining{}, err
	}
	fmt.Fprintf(s.Stderr, "You are in team %d, %s: group %s at %s. Next time, run participant-client without arguments.\n",
		j.Team, workshop.CleanText(j.Name, workshop.MaxText), j.Group, strings.Join(j.Brokers, ","))
	return j, nil
}

// fetch returns the settings with the code that they are for. It asks the user if there is no code, a few times.
func (s Start) fetch(ctx context.Context, base, code string) (workshop.Joining, string, time.Duration, error) {
	if code != "" {
		j, ahead, err := Fetch(ctx, base, code)
		return j, code, ahead, err
	}

	for try := 1; ; try++ {
		code, err := s.ask(ctx, base)
		if err != nil {
			return workshop.Joining{}, "", 0, err
		}
		j, ahead, err := Fetch(ctx, base, code)
		if !errors.Is(err, ErrWrongCode) || try == maxTries {
			return j, code, ahead, err
		}
		fmt.Fprintln(s.Stderr, "No team has this code: try again.")
	}
}

// ask returns the first line that can be a code.
func (s Start) ask(ctx context.Context, base string) (string, error) {
	if s.Stdin == nil {
		return "", fmt.Errorf("no code: use the address that holds it, as in %s/j/CODE, or set WORKSHOP_CODE", base)
	}

	for {
		fmt.Fprint(s.Stderr, "Your team's code: ")
		text, err := readLine(ctx, s.Stdin)
		if err != nil {
			return "", fmt.Errorf("read the code: %w", err)
		}
		if code := workshop.PlainCode(text); code != "" {
			return code, nil
		}
		fmt.Fprintln(s.Stderr, "A code has nine letters and digits, and neither 0 nor O, 1, I or L.")
	}
}

// readLine reads a line and not a byte more: what follows is for the screen. If ctx ends first, the goroutine that reads
// stays until the program ends.
func readLine(ctx context.Context, from io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReaderSize(oneByte{from}, 16).ReadString('\n')
		if errors.Is(err, io.EOF) && text != "" {
			err = nil
		}
		read <- line{text, err}
	}()

	select {
	case l := <-read:
		return l.text, l.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// oneByte keeps a buffered reader from reading ahead.
type oneByte struct{ io.Reader }

func (o oneByte) Read(p []byte) (int, error) {
	if len(p) > 1 {
		p = p[:1]
	}
	return o.Reader.Read(p)
}
