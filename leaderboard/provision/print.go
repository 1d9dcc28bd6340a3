package provision

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// usersFolder is the folder below that of the handouts with a file for each user, which contains the password.
const usersFolder = "users"

// print prints the plan as commands of Kafka's own tools, for the administrator of a cluster that we may not change, and
// writes the users' files and the handouts. It prints no passwords.
func (c Config) print(names map[int]string, p plan, out io.Writer) error {
	files, err := c.writeFiles(names)
	if err != nil {
		return err
	}
	if err := c.writeUsers(p.users); err != nil {
		return err
	}

	w := commands{out: out}
	w.printf("# What the workshop needs, as commands of Apache Kafka's tools, for an administrator of the cluster. They can be run again.")
	w.printf("# admin.properties holds the administrator's login. The folder %s holds the users' passwords: hand it over as a secret.", filepath.Join(c.Handouts, usersFolder))
	w.printf("# A cluster that makes users in another way takes user and password (SCRAM-SHA-256) from there.")
	w.printf("# For the class itself: %s.", files)
	w.printf("KAFKA='--bootstrap-server %s --command-config admin.properties'", strings.Join(c.Kafka.Brokers, ","))
	w.topics(p.topics)
	w.users(p.users)
	w.acls(p.acls)
	w.quotas(p.teams)
	return w.err
}

// writeUsers writes a properties file for each user, in the format of kafka-configs: a password on a command line would show
// in the list of processes.
func (c Config) writeUsers(users []string) error {
	folder := filepath.Join(c.Handouts, usersFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("--handouts: %w", err)
	}

	for _, user := range users {
		line := fmt.Sprintf("SCRAM-SHA-256=iterations=%d,password=%s\n", iterations, string(c.Secret.Password(user)))
		if err := textfile.WritePrivate(filepath.Join(folder, user+".properties"), []byte(line)); err != nil {
			return fmt.Errorf("--handouts: %w", err)
		}
	}
	return nil
}

// commands prints command lines and keeps the first error.
type commands struct {
	out io.Writer
	err error
}

func (w *commands) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format+"\n", args...)
	}
}

func (w *commands) topics(topics []workshop.Topic) {
	w.printf("\n# Topics. Without --replication-factor they have the brokers' default.")
	for _, t := range topics {
		line := fmt.Sprintf("kafka-topics.sh $KAFKA --create --if-not-exists --topic %s --partitions %d", t.Name, t.Partitions)
		for _, name := range slices.Sorted(maps.Keys(t.Configs)) {
			line += fmt.Sprintf(" --config %s=%s", name, t.Configs[name])
		}
		w.printf("%s", line)
	}
}

func (w *commands) users(users []string) {
	w.printf("\n# Users.")
	for _, user := range users {
		w.printf("kafka-configs.sh $KAFKA --alter --entity-type users --entity-name %s --add-config-file %s/%s.properties", user, usersFolder, user)
	}
}

// A resource is the object on which one kafka-acls command grants operations.
type resource struct {
	kind       kmsg.ACLResourceType
	name       string
	pattern    kmsg.ACLResourcePatternType
	operations string // sorted, as flags
}

// acls prints one command for each resource and set of operations, with all users that may perform them.
func (w *commands) acls(acls []acl) {
	w.printf("\n# Rights.")
	type grant struct {
		user string
		resource
	}
	operations := map[grant][]string{}
	for _, a := range acls {
		g := grant{a.user, resource{kind: a.kind, name: a.name, pattern: a.pattern}}
		operations[g] = append(operations[g], " --operation "+toolName(a.do.String()))
	}

	users := map[resource][]string{}
	for g, ops := range operations {
		slices.Sort(ops)
		g.operations = strings.Join(ops, "")
		users[g.resource] = append(users[g.resource], g.user)
	}

	for _, r := range slices.SortedFunc(maps.Keys(users), compareResources) {
		slices.Sort(users[r])
		line := "kafka-acls.sh $KAFKA --add"
		for _, user := range users[r] {
			line += " --allow-principal User:" + user
		}
		w.printf("%s%s %s", line, r.operations, r.flags())
	}
}

func compareResources(a, b resource) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name), cmp.Compare(a.operations, b.operations), cmp.Compare(a.pattern, b.pattern))
}

// flags returns the flags that select the resource.
func (r resource) flags() string {
	flag := map[kmsg.ACLResourceType]string{topic: "--topic", group: "--group", txnID: "--transactional-id"}[r.kind]
	if r.pattern == prefixed {
		return fmt.Sprintf("%s %s --resource-pattern-type prefixed", flag, r.name)
	}
	return fmt.Sprintf("%s '%s'", flag, r.name) // quoted, because a name may be *
}

// toolName returns the name of an operation as Kafka's tools write it: DESCRIBE is Describe.
func toolName(operation string) string {
	return operation[:1] + strings.ToLower(operation[1:])
}

func (w *commands) quotas(users []string) {
	w.printf("\n# Quotas of the teams, so that a loop in one team's program slows down only that team. The workshop runs without them.")
	var values []string
	for _, q := range quotas {
		values = append(values, q.Key+"="+strconv.FormatFloat(q.Value, 'f', -1, 64))
	}
	for _, user := range users {
		w.printf("kafka-configs.sh $KAFKA --alter --entity-type users --entity-name %s --add-config %s", user, strings.Join(values, ","))
	}
}
