package provision

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
)

func TestRunTwiceChangesNothing(t *testing.T) {
	cfg := room(t)

	dry := cfg
	dry.DryRun = true
	out := provision(t, dry)
	if !strings.Contains(out, "would create topic "+string(cfg.Namespace)+"new_users with 5 partitions") || !strings.Contains(out, "would set the password of user "+string(cfg.Namespace)+"team-5") {
		t.Errorf("a dry run printed %s", out)
	}
	if got := topicsOf(t, cfg); len(got) != 0 {
		t.Errorf("a dry run made %v", got)
	}
	if files, _ := os.ReadDir(cfg.Handouts); len(files) != 0 {
		t.Errorf("a dry run wrote %v", files)
	}

	if out := provision(t, cfg); strings.Contains(out, "nothing to change") {
		t.Errorf("the first run printed %s", out)
	}
	if got := topicsOf(t, cfg); len(got) != 3+2*cfg.Teams {
		t.Errorf("topics: %v", got)
	}
	for _, again := range []Config{cfg, dry} {
		if out := provision(t, again); !strings.Contains(out, "nothing to change") {
			t.Errorf("a second run printed %s", out)
		}
	}
}

func TestANewSecretRekeysAll(t *testing.T) {
	cfg := room(t)
	provision(t, cfg)
	old := as(t, cfg, "team-1")
	if err := old.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := cfg
	next.Secret = "another secret of this test"
	if out := provision(t, next); strings.Count(out, "set the password of user") != cfg.Teams+2 {
		t.Errorf("printed %s", out)
	}
	if err := as(t, cfg, "team-1").Ping(t.Context()); !refused(err) {
		t.Errorf("the old password: %v", err)
	}
	if err := as(t, next, "team-1").Ping(t.Context()); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestWhatIsTooMuchIsTakenAway(t *testing.T) {
	cfg := room(t)
	provision(t, cfg)
	admin := kadm.NewClient(as(t, cfg, cfg.Kafka.Username))
	extra := kadm.NewACLs().Topics(cfg.Topic()).Allow("User:" + cfg.User(2)).AllowHosts().Operations(kadm.OpDelete).ResourcePatternType(kadm.ACLPatternLiteral)
	if res, err := admin.CreateACLs(t.Context(), extra); err != nil || res[0].Err != nil {
		t.Fatal(err, res)
	}
	if out := provision(t, cfg); strings.Count(out, "revoke ") != 1 || strings.Contains(out, "grant ") {
		t.Errorf("printed %s", out)
	}
}

func TestRemoveUndoesIt(t *testing.T) {
	cfg := room(t)
	provision(t, cfg)
	gone := cfg
	gone.Remove, gone.DryRun = true, true
	if out := provision(t, gone); !strings.Contains(out, "would delete user "+cfg.User(1)) || len(topicsOf(t, cfg)) == 0 {
		t.Errorf("a dry run printed %s and left %v", out, topicsOf(t, cfg))
	}
	gone.DryRun = false
	provision(t, gone)
	if got := topicsOf(t, cfg); len(got) != 0 {
		t.Errorf("topics are left: %v", got)
	}
	if err := as(t, cfg, "team-1").Ping(t.Context()); !refused(err) {
		t.Errorf("a user is left: %v", err)
	}
	if out := provision(t, gone); !strings.Contains(out, "nothing to remove") {
		t.Errorf("a second removal printed %s", out)
	}
}

func TestServicesGetTheirOwnUsers(t *testing.T) {
	cfg := room(t)
	provision(t, cfg)
	for _, name := range []string{"producer-svc", "leaderboard"} {
		file := filepath.Join(cfg.Handouts, name+".env")
		got, err := cli.ReadEnvFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got["KAFKA_USERNAME"] != cfg.Namespace.Name(name) || got["KAFKA_PASSWORD"] != string(cfg.Secret.Password(got["KAFKA_USERNAME"])) ||
			got["WORKSHOP_TEAMS"] != "5" || len(got["INSTRUCTOR_TOKEN"]) != 32 || got["WORKSHOP_LESSON"] != "scale-up" {
			t.Errorf("%s: %v", name, got)
		}
		if gets := got["WORKSHOP_SECRET"]; (gets != "") != (name == "leaderboard") {
			t.Errorf("%s gets the secret %q", name, gets)
		}
		login := cfg.Kafka
		login.Username, login.Password = got["KAFKA_USERNAME"], workshop.Secret(got["KAFKA_PASSWORD"])
		if err := as(t, Config{Kafka: login}, login.Username).Ping(t.Context()); err != nil {
			t.Errorf("%s cannot log in: %v", name, err)
		}
	}
	files, err := os.ReadDir(cfg.Handouts)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
		text, err := os.ReadFile(filepath.Join(cfg.Handouts, f.Name()))
		if err != nil || strings.Contains(string(text), string(cfg.Kafka.Password)) {
			t.Errorf("%s holds the administrator's password, or: %v", f.Name(), err)
		}
	}
	if want := []string{"handouts.csv", "handouts.html", "handouts.txt", "leaderboard.env", "producer-svc.env"}; !slices.Equal(names, want) {
		t.Errorf("files: %v", names)
	}
}

// Output that does not go to a terminal, such as a container's, is kept as a log.
func TestNoCodeIsPrintedIntoALog(t *testing.T) {
	cfg := room(t)
	out := provision(t, cfg)
	handouts, err := os.ReadFile(filepath.Join(cfg.Handouts, "handouts.txt"))
	if err != nil {
		t.Fatal(err)
	}

	secrets := []string{string(cfg.Secret.Password(cfg.User(1))), workshop.ReadableCode(cfg.Secret.Codes(cfg.Namespace, cfg.Teams)[0])}
	for _, s := range secrets {
		if strings.Contains(out, s) || !strings.Contains(string(handouts), s) {
			t.Errorf("%s: printed %s, and the file holds %s", s, out, handouts)
		}
	}
}

func TestValidateNamesTheFault(t *testing.T) {
	good := Config{Flags: Flags{Handouts: "x"}, Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 3}, Secret: secret}
	good.Kafka.Brokers = []string{"127.0.0.1:9092"}
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Secret = "short" }, "WORKSHOP_SECRET"},
		{func(c *Config) { c.Teams = 0 }, "--teams"},
		{func(c *Config) { c.Handouts = "" }, "--handouts"},
		{func(c *Config) { c.Namespace = "no-dot" }, "--namespace"},
		{func(c *Config) { c.Kafka.Username = "admin" }, "--username"},
	} {
		cfg := good
		c.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %s, got %v", c.want, err)
		}
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}
