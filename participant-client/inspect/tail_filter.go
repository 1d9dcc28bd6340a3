package inspect

import (
	"encoding/json"
	"reflect"
	"strings"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/filter"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// recordNames are the names that a filter knows for every record.
var recordNames = []string{"key", "value", "partition", "offset"}

// A recordFilter selects records by an expression. It knows the record's key, value, partition and offset, and the
// fields of the topic's JSON.
type recordFilter struct {
	program *vm.Program
	env     map[string]any
	fields  reflect.Type // of the JSON; nil if the expression uses none of it
}

// newFilter compiles an expression. value is the type of the topic's values; nil if it is unknown.
func newFilter(expression string, value reflect.Type) (*recordFilter, error) {
	f := &recordFilter{env: map[string]any{"key": "", "value": "", "partition": 0, "offset": 0}}
	program, err := filter.Compile(expression, f.env, "records", recordNames)
	if err == nil || value == nil {
		f.program = program
		return f, err
	}

	f.fields = value
	names := append(filter.Names(value), recordNames...)
	fill(f.env, reflect.Zero(value))
	f.program, err = filter.Compile(expression, f.env, "records", names)
	return f, err
}

// match reports whether the expression is true for a record. A record that is not the topic's JSON matches no
// expression that uses its fields.
func (f *recordFilter) match(r *kgo.Record) bool {
	if f.fields != nil {
		value := reflect.New(f.fields)
		if json.Unmarshal(r.Value, value.Interface()) != nil {
			return false
		}
		fill(f.env, value.Elem())
	}

	f.env["key"], f.env["value"] = string(r.Key), string(r.Value)
	f.env["partition"], f.env["offset"] = int(r.Partition), int(r.Offset)
	got, err := expr.Run(f.program, f.env)
	return err == nil && got == true // an error concerns this record only, such as an index out of range
}

// fill sets the fields of a struct under their JSON names.
func fill(env map[string]any, value reflect.Value) {
	for i, name := range filter.Names(value.Type()) {
		env[name] = value.Field(i).Interface()
	}
}

// valueType returns the type of a topic's values: the lesson's records, actions or stats; nil if unknown.
func valueType(room workshop.Room, topic string) reflect.Type {
	team := room.Namespace.Name("team-")
	switch {
	case topic == room.Topic() && room.Lesson.Name == workshop.ScaleUp.Name:
		return reflect.TypeFor[workshop.User]()
	case topic == room.Topic() && room.Lesson.Name == workshop.WebEvents.Name:
		return reflect.TypeFor[workshop.WebEvent]()
	case strings.HasPrefix(topic, team) && strings.HasSuffix(topic, ".actions"):
		return reflect.TypeFor[workshop.Action]()
	case strings.HasPrefix(topic, team) && strings.HasSuffix(topic, ".stats"):
		return reflect.TypeFor[workshop.Stats]()
	}
	return nil
}
