package process

import (
	"fmt"
	"time"
)

// WithProgress runs do and logs what, with the elapsed time, after two seconds and then every ten.
func WithProgress(log func(string), what string, do func() error) error {
	done := make(chan error, 1)
	started := time.Now()
	go func() { done <- do() }()

	next := time.NewTimer(2 * time.Second)
	defer next.Stop()

	for {
		select {
		case err := <-done:
			return err
		case <-next.C:
			log(fmt.Sprintf("%s … %d s", what, int(time.Since(started).Seconds()+0.5)))
			next.Reset(10 * time.Second)
		}
	}
}
