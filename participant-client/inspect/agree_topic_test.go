package inspect

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/interop"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"

	"github.com/twmb/franz-go/pkg/kgo"
)

// kafka-topics --describe and kafka-get-offsets report the same about a topic as topic.
func TestKafkasOwnToolsAgreeOnTheTopic(t *testing.T) {
	c := kafkatest.New(t)
	if !c.Real {
		lacks.Cluster(t, "the embedded broker does not serve Java's tool for topics")
	}
	topic, retention := c.Namespace.Name("t"), "3600000"
	c.CreateTopic(t, topic, 2, map[string]*string{"retention.ms": &retention})
	produce(t, c, topic, "a", "b", "c")
	found, err := FindTopic(soon(t), c.Client(t), topic)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := found.WritePlain(&out); err != nil {
		t.Fatal(err)
	}

	theirs := fieldsOf(interop.KafkaTool(t, c.Config, "TopicCommand", "--describe", "--topic", topic))
	ours := fieldsOf(out.String())
	if len(theirs) != 3 || len(ours) != 3 {
		t.Fatalf("%q\n%q", ours, theirs)
	}
	for i := range theirs {
		for name, value := range theirs[i] {
			if sortedList(ours[i][name]) != sortedList(value) && value != "" && name != "Elr" && name != "LastKnownElr" {
				t.Errorf("line %d: %s is %q, and %q by Kafka's tool", i, name, ours[i][name], value)
			}
		}
	}

	ends := interop.KafkaTool(t, c.Config, "GetOffsetShell", "--topic", topic)
	for _, p := range found.Partitions {
		if want := fmt.Sprintf("%s:%d:%s\n", topic, p.Partition, p.End); !strings.Contains(ends, want) {
			t.Errorf("no %q in %q", want, ends)
		}
	}
}

// sortedList sorts a list such as a=1,b=2: Kafka's tool prints settings in no order.
func sortedList(text string) string {
	items := strings.Split(text, ",")
	slices.Sort(items)
	return strings.Join(items, ",")
}

// fieldsOf returns the fields of lines such as Topic: t  Partition: 0.
func fieldsOf(text string) []map[string]string {
	var out []map[string]string
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "Topic: ") {
			continue
		}
		fields := map[string]string{}
		for _, field := range strings.Split(strings.TrimSpace(line), "\t") {
			name, value, _ := strings.Cut(field, ":")
			fields[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
		out = append(out, fields)
	}
	return out
}

// kcat reads the same records as tail, from the same offsets.
func TestKcatAndTailAgree(t *testing.T) {
	kcat, err := exec.LookPath("kcat")
	if err != nil {
		lacks.Part(t, "kcat is not on PATH: install it")
	}
	c := kafkatest.New(t)
	if c.Config.Username != "" {
		lacks.Cluster(t, "it has logins, and Debian's librdkafka cannot log in to Kafka 4 (librdkafka#4895)")
	}
	topic := c.Namespace.Name("t")
	c.CreateTopic(t, topic, 1, nil)
	client := c.Client(t, kgo.DefaultProduceTopic(topic))
	for i := range 8 {
		r := &kgo.Record{Key: []byte(fmt.Sprint(i)), Value: []byte("v"), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("x")}}}
		if err := client.ProduceSync(soon(t), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}

	for _, from := range []string{"earliest", "3", "-2"} {
		start, err := ParseStart(from)
		if err != nil {
			t.Fatal(err)
		}
		kcatFrom := from
		if from == "earliest" {
			kcatFrom = "beginning"
		}
		out, err := exec.CommandContext(soon(t), kcat, "-C", "-e", "-q", "-b", strings.Join(c.Config.Brokers, ","), "-t", topic,
			"-p", "0", "-o", kcatFrom, "-f", "%t:%p:%o key=%k headers=%h %s\n").Output()
		if err != nil {
			t.Fatal(err)
		}

		theirs := slices.Collect(strings.Lines(strings.ReplaceAll(string(out), "h=x", "h:x")))
		var said, notes strings.Builder
		tail := Tail{Topic: topic, Start: start, Partitions: []int32{0}, MaxRecords: int64(len(theirs)), Verbose: true}
		if err := tail.Run(soon(t), c.Client(t, tail.Options()...), &said, &notes); err != nil {
			t.Fatal(err)
		}
		var ours []string
		for line := range strings.Lines(said.String()) {
			before, after, _ := strings.Cut(line, " timestamp=")
			_, after, _ = strings.Cut(after, " ")
			ours = append(ours, before+" "+after)
		}
		if len(theirs) == 0 || !slices.Equal(ours, theirs) {
			t.Errorf("from %s: tail prints\n%q\nand kcat\n%q", from, ours, theirs)
		}
	}
}
