package game

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"

	"pgregory.net/rapid"
)

var timeType = reflect.TypeFor[time.Time]()

// fill sets everything below v to a non-zero value.
func fill(v reflect.Value) {
	switch {
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(t0))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.SetMapIndex(key, value)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	default:
		changeValue(v)
	}
}

func changeValue(v reflect.Value) {
	switch {
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(time.Millisecond)))
	case v.CanInt():
		v.SetInt(v.Int() + 1)
	case v.CanFloat():
		v.SetFloat(v.Float() + 1)
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.Kind() == reflect.String:
		v.SetString(v.String() + "x")
	default:
		panic("no way to change a " + v.Type().String())
	}
}

// eachChange makes every possible single change below v, one after another, and undoes it.
func eachChange(v reflect.Value, name string, changed func(string)) {
	try := func(how string, set func()) {
		before := reflect.New(v.Type()).Elem()
		before.Set(v)
		set()
		changed(name + how)
		v.Set(before)
	}

	switch {
	case v.Type() == timeType:
		try("", func() { changeValue(v) })
		zone := time.FixedZone("UTC+1", 3600)
		try(" elsewhere", func() { v.Set(reflect.ValueOf(v.Interface().(time.Time).In(zone))) })
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			eachChange(v.Field(i), name+"."+v.Type().Field(i).Name, changed)
		}
	case v.Kind() == reflect.Slice:
		try(" without elements", func() { v.Set(v.Slice(0, 0)) })
		try(" shorter", func() { v.Set(v.Slice(0, v.Len()-1)) })
		try(" nil", v.SetZero)
		for i := range v.Len() {
			eachChange(v.Index(i), fmt.Sprintf("%s[%d]", name, i), changed)
		}
	case v.Kind() == reflect.Map:
		try(" nil", v.SetZero)
		for _, key := range v.MapKeys() {
			value, other := reflect.New(v.Type().Elem()).Elem(), reflect.New(v.Type().Key()).Elem()
			value.Set(v.MapIndex(key))
			before := reflect.ValueOf(v.MapIndex(key).Interface())
			changeValue(value)
			v.SetMapIndex(key, value)
			changed(name + " with another value")
			v.SetMapIndex(key, reflect.Value{})
			changed(name + " without a key")
			other.Set(key)
			changeValue(other)
			v.SetMapIndex(other, before)
			changed(name + " with another key")
			v.SetMapIndex(other, reflect.Value{})
			v.SetMapIndex(key, before)
		}
	case v.Kind() == reflect.Pointer:
		try(" nil", v.SetZero)
		eachChange(v.Elem(), name, changed)
	default:
		try("", func() { changeValue(v) })
	}
}

// If identicalTo ignored a field, changes of it would not be stored. If snapshot shared one, it would change in the copy too,
// and look unchanged.
func TestAChangeOfAnyStoredFieldIsNoticed(t *testing.T) {
	var state persisted
	fill(reflect.ValueOf(&state).Elem())
	last := state.snapshot()
	if !state.identicalTo(&last) {
		t.Fatal("a copy differs from the state")
	}

	changes := 0
	eachChange(reflect.ValueOf(&state).Elem(), "state", func(how string) {
		changes++
		if state.identicalTo(&last) {
			t.Errorf("%s is not noticed", how)
		}
	})
	if !state.identicalTo(&last) || changes < 80 {
		t.Errorf("%d changes were made, and all were taken back: %t", changes, state.identicalTo(&last))
	}
	if n := testing.AllocsPerRun(10, func() { state.identicalTo(&last) }); n != 0 {
		t.Errorf("comparing allocates %v times", n)
	}
}

// JSON encodes nil as null.
func TestNilIsNotTakenForEmpty(t *testing.T) {
	tellsNil(t, (*persisted).identicalTo)
	tellsNil(t, (*seenMember).equal)
	tellsNil(t, (*goneMember).equal)
}

func tellsNil[T any](t *testing.T, equal func(*T, *T) bool) {
	t.Helper()
	for i := range reflect.TypeFor[T]().NumField() {
		var none, empty T
		switch v := reflect.ValueOf(&empty).Elem().Field(i); v.Kind() {
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		case reflect.Map:
			v.Set(reflect.MakeMap(v.Type()))
		default:
			continue
		}
		if equal(&none, &empty) || equal(&empty, &none) {
			t.Errorf("%T: %s is nil or empty, and that is not noticed", none, reflect.TypeFor[T]().Field(i).Name)
		}
	}
}

// The state of an added team is as empty as it is before its first sweep.
func TestAStateWithoutATextIsStored(t *testing.T) {
	room, err := NewRoom(workshop.Room{Lesson: workshop.ScaleUp, Teams: 2}, Saved{Round: Round{Number: 1, Began: t0}}, t0)
	if err != nil {
		t.Fatal(err)
	}
	s := stage{t: t, room: room, now: t0, saved: Saved{States: map[int]json.RawMessage{}}}
	if c := s.sweep(GroupFact{Team: 1, Err: "no answer"}); len(c.States) != 2 {
		t.Errorf("states of %d teams are stored, want 2", len(c.States))
	}
	if c := s.after(time.Second).sweep(); len(c.States) != 0 {
		t.Errorf("%d states are stored again", len(c.States))
	}
}

func TestChangedStatesAreThoseWhoseTextDiffers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t, workshop.ScaleUp, propTeams)
		last := maps.Clone(s.saved.States)
		check := func(what string, c Changes) {
			for _, team := range s.room.teams {
				text, err := json.Marshal(team.persisted)
				if err != nil {
					rt.Fatal(err)
				}
				if got, returned := c.States[team.team]; returned == bytes.Equal(text, last[team.team]) || returned && !bytes.Equal(got, text) {
					rt.Fatalf("%s: team %d was %s, is %s, returned %s", what, team.team, last[team.team], text, got)
				}
				last[team.team] = text
			}
		}

		for _, st := range drawSteps(rt) {
			s.after(st.after).produce(st.produce)
			if st.restart {
				s.restart() // a state that was not stored yet has no text
				last = maps.Clone(s.saved.States)
			}
			if rapid.IntRange(0, 9).Draw(rt, "round") == 0 {
				s.do(s.room.Begin(s.now))
				last = maps.Clone(s.saved.States)
			}
			check("sweep", s.sweep(st.groups...))
			check("scores", s.scores(st.works...))
		}
	})
}
