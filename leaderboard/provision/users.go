package provision

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"
)

// iterations of SCRAM: the least that Kafka takes. The passwords have 160 bits of their own.
const iterations = 4096

// knownUsers are those with a SCRAM-SHA-256 credential as we would make it, as far as that can be read.
func (c *cluster) knownUsers(ctx context.Context, users []string) (map[string]bool, error) {
	described, err := c.adm.DescribeUserSCRAMs(ctx, users...)
	if err != nil {
		return nil, fmt.Errorf("look for the users: %w", adminOnly(err))
	}
	known := map[string]bool{}
	for _, d := range described {
		if d.Err != nil && !errors.Is(d.Err, kerr.ResourceNotFound) {
			return nil, fmt.Errorf("look for user %s: %w", d.User, d.Err)
		}
		for _, info := range d.CredInfos {
			known[d.User] = known[d.User] || info.Mechanism == kadm.ScramSha256
		}
	}
	return known, nil
}

// staleUsers are those who cannot log in with the password that is theirs: credentials can't be read
// back, so each known user's is tried.
func (c *cluster) staleUsers(ctx context.Context, users []string) ([]string, error) {
	known, err := c.knownUsers(ctx, users)
	if err != nil {
		return nil, err
	}
	good := make([]bool, len(users))
	var tries errgroup.Group
	tries.SetLimit(8)
	for i, user := range users {
		if !known[user] {
			continue
		}
		tries.Go(func() (err error) {
			good[i], err = c.logsIn(ctx, user)
			return err
		})
	}
	if err := tries.Wait(); err != nil {
		return nil, err
	}
	var stale []string
	for i, user := range users {
		if !good[i] {
			stale = append(stale, user)
		}
	}
	return stale, nil
}

func (c *cluster) logsIn(ctx context.Context, user string) (bool, error) {
	cfg := c.cfg
	cfg.Username, cfg.Password, cfg.SASL = user, workshop.Secret(c.password(user)), "SCRAM-SHA-256"
	opts, err := cfg.Opts("leaderboard-provision", nil)
	if err != nil {
		return false, err
	}
	client, err := kgo.NewClient(append(opts, kgo.RequestRetries(0))...)
	if err != nil {
		return false, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err = client.Ping(ctx)
	// Some brokers hang up on a wrong password instead of saying so. Setting one anew does no harm.
	if errors.Is(err, kerr.SaslAuthenticationFailed) || errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("try user %s: %w", user, err)
	}
	return true, nil
}

// putUsers makes credentials or replaces them. The salt is derived as well, so that making one that is
// there already leaves it as it was.
func (c *cluster) putUsers(ctx context.Context, users []string) error {
	puts := make([]kadm.UpsertSCRAM, 0, len(users))
	for _, user := range users {
		salt := c.secret.Salt(user)
		salted, err := pbkdf2.Key(sha256.New, c.password(user), salt, iterations, sha256.Size)
		if err != nil {
			return fmt.Errorf("password of user %s: %w", user, err)
		}
		puts = append(puts, kadm.UpsertSCRAM{User: user, Mechanism: kadm.ScramSha256, Iterations: iterations, Salt: salt, SaltedPassword: salted})
	}
	if err := c.alterUsers(ctx, nil, puts); err != nil {
		return err
	}
	for _, user := range users {
		if err := c.awaitLogin(ctx, user); err != nil {
			return err
		}
	}
	return nil
}

// awaitLogin returns when the brokers have heard of a user's new password: they learn of it after the
// controller has answered.
func (c *cluster) awaitLogin(ctx context.Context, user string) error {
	deadline := time.Now().Add(15 * time.Second)
	wait := kafka.Backoff(50*time.Millisecond, time.Second)
	for tries := 1; ; tries++ {
		ok, err := c.logsIn(ctx, user)
		if ok || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("user %s cannot log in with the password that was set: does the cluster take SCRAM-SHA-256?", user)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait(tries)):
		}
	}
}

func (c *cluster) dropUsers(ctx context.Context, users []string) error {
	var drops []kadm.DeleteSCRAM
	for _, user := range users {
		drops = append(drops, kadm.DeleteSCRAM{User: user, Mechanism: kadm.ScramSha256})
	}
	return c.alterUsers(ctx, drops, nil)
}

func (c *cluster) alterUsers(ctx context.Context, drops []kadm.DeleteSCRAM, puts []kadm.UpsertSCRAM) error {
	if len(drops)+len(puts) == 0 {
		return nil
	}
	altered, err := c.adm.AlterUserSCRAMs(ctx, drops, puts)
	if err != nil {
		return fmt.Errorf("change the users: %w", adminOnly(err))
	}
	for _, a := range altered.Sorted() {
		if a.Err != nil && !errors.Is(a.Err, kerr.ResourceNotFound) {
			return fmt.Errorf("change user %s: %w %s", a.User, adminOnly(a.Err), a.ErrMessage)
		}
	}
	return nil
}
