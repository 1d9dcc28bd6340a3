package process

import (
	"fmt"
	"time"
)

// Patiently runs what may take long and says every ten seconds that it still does.
func Patiently(say func(string), what string, do func() error) error {
	done := make(chan error, 1)
	begun := time.Now()
	go func() { done <- do() }()
	next := time.NewTimer(2 * time.Second)
	defer next.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-next.C:
			say(fmt.Sprintf("%s … %d s", what, int(time.Since(begun).Seconds()+0.5)))
			next.Reset(10 * time.Second)
		}
	}
}
