package provision

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"
)

// iterations of SCRAM: the minimum that Kafka accepts. The passwords have 160 bits of entropy, so more would not help.
const iterations = 4096

// loginsAtOnce is how many logins are tried concurrently.
const loginsAtOnce = 8

// existingUsers returns which of the users have a SCRAM-SHA-256 credential.
func (c *cluster) existingUsers(ctx context.Context, users []string) (map[string]bool, error) {
	exists := map[string]bool{}
	for batch := range slices.Chunk(users, c.batch) {
		described, err := c.adm.DescribeUserSCRAMs(ctx, batch...)
		if err != nil {
			return nil, fmt.Errorf("describe users: %w", err)
		}

		for _, d := range described {
			if d.Err != nil && !errors.Is(d.Err, kerr.ResourceNotFound) {
				return nil, fmt.Errorf("describe user %s: %w", d.User, d.Err)
			}
			for _, info := range d.CredInfos {
				exists[d.User] = exists[d.User] || info.Mechanism == kadm.ScramSha256
			}
		}
	}

	return exists, nil
}

// usersToUpdate returns the users that cannot log in with their derived password. Kafka does not return credentials, so it
// logs in as each existing user.
func (c *cluster) usersToUpdate(ctx context.Context, users []string) ([]string, error) {
	exists, err := c.existingUsers(ctx, users)
	if err != nil {
		return nil, err
	}

	good := make([]bool, len(users))
	var tries errgroup.Group
	tries.SetLimit(loginsAtOnce)
	for i, user := range users {
		if !exists[user] {
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
	cfg.Username = user
	cfg.Password = workshop.Secret(c.password(user))
	cfg.SASL = "SCRAM-SHA-256"
	cfg.Token = kafka.Token{} // the administrator's
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
	// Some brokers close the connection after a wrong password instead of answering. Setting a password twice is harmless.
	if errors.Is(err, kerr.SaslAuthenticationFailed) || errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("log in as user %s: %w", user, err)
	}
	return true, nil
}

// upsertUsers creates or replaces credentials. The salt is derived too, so an existing credential is replaced by the same
// one.
func (c *cluster) upsertUsers(ctx context.Context, users []string) error {
	puts := make([]kadm.UpsertSCRAM, 0, len(users))
	for _, user := range users {
		salt := c.secret.Salt(user)
		salted, err := pbkdf2.Key(sha256.New, c.password(user), salt, iterations, sha256.Size)
		if err != nil {
			return fmt.Errorf("hash the password of user %s: %w", user, err)
		}
		puts = append(puts, kadm.UpsertSCRAM{User: user, Mechanism: kadm.ScramSha256, Iterations: iterations, Salt: salt, SaltedPassword: salted})
	}

	if err := c.alterUsers(ctx, nil, puts); err != nil {
		return err
	}

	var logins errgroup.Group
	logins.SetLimit(loginsAtOnce)
	for _, user := range users {
		logins.Go(func() error { return c.awaitLogin(ctx, user) })
	}

	return logins.Wait()
}

// awaitLogin waits until a user can log in with a new password: brokers apply it some time after the controller has answered.
func (c *cluster) awaitLogin(ctx context.Context, user string) error {
	deadline := time.Now().Add(15 * time.Second)
	wait := kafka.Backoff(50*time.Millisecond, time.Second)
	for tries := 1; ; tries++ {
		ok, err := c.logsIn(ctx, user)
		if ok || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("user %s cannot log in with the password that was set: does the cluster accept SCRAM-SHA-256?", user)
		}

		if !kafka.Sleep(ctx, wait(tries)) {
			return ctx.Err()
		}
	}
}

func (c *cluster) deleteUsers(ctx context.Context, users []string) error {
	var deletions []kadm.DeleteSCRAM
	for _, user := range users {
		deletions = append(deletions, kadm.DeleteSCRAM{User: user, Mechanism: kadm.ScramSha256})
	}
	for batch := range slices.Chunk(deletions, c.batch) {
		if err := c.alterUsers(ctx, batch, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) alterUsers(ctx context.Context, drops []kadm.DeleteSCRAM, puts []kadm.UpsertSCRAM) error {
	if len(drops)+len(puts) == 0 {
		return nil
	}

	altered, err := c.adm.AlterUserSCRAMs(ctx, drops, puts)
	if err != nil {
		return fmt.Errorf("alter users: %w", err)
	}

	for _, a := range altered.Sorted() {
		if a.Err != nil && !errors.Is(a.Err, kerr.ResourceNotFound) {
			return fmt.Errorf("alter user %s: %w %s", a.User, a.Err, a.ErrMessage)
		}
	}

	return nil
}
