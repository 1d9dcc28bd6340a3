package replica

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// Everything that a page may show reaches the readers unchanged: every exported field of a Board, including fields that the
// API omits and fields added later.
func TestEveryFieldOfAViewArrives(t *testing.T) {
	var sent game.Board
	fill(t, reflect.ValueOf(&sent).Elem(), "Board")
	for i := range sent.Predictions {
		sent.Predictions[i].World = nil // only the holder has it
	}
	for i := range sent.Teams {
		sent.Teams[i].Team = i + 1
	}

	for i := range sent.Teams {
		for s := range sent.Teams[i].History.Ended {
			sent.Teams[i].History.Ended[s].Round = sent.Round
		}
	}

	r := newReceived("l")
	for _, part := range newWritten("l").changes(sent, 3, time.Now(), true) {
		if _, err := r.add(part.key, part.value, 3); err != nil {
			t.Fatal(err)
		}
	}
	got, ok := r.view()
	if !ok {
		t.Fatal("a part is missing")
	}
	if !reflect.DeepEqual(got, sent) {
		a, _ := json.MarshalIndent(sent, "", " ")
		b, _ := json.MarshalIndent(got, "", " ")
		t.Errorf("sent\n%s\ngot\n%s\n%s", a, b, difference(reflect.ValueOf(sent), reflect.ValueOf(got), "Board"))
	}
}

// fill gives every exported field a different value.
func fill(t *testing.T, v reflect.Value, path string) {
	switch at := v.Addr().Interface().(type) {
	case *workshop.Time:
		n++
		*at = workshop.At(time.Unix(int64(n), 0))
		return
	case *time.Time:
		n++
		*at = time.Unix(int64(n), 0).UTC()
		return
	case *json.RawMessage:
		n++
		*at = json.RawMessage(fmt.Sprint(n))
		return
	}

	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(t, v.Field(i), path+"."+f.Name)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), path)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(t, key, path)
			fill(t, value, path)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		n++
		v.SetString(fmt.Sprint("text ", n))
	case reflect.Int, reflect.Int32, reflect.Int64:
		n++
		v.SetInt(int64(n))
	case reflect.Float64:
		n++
		v.SetFloat(float64(n) + .5)
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("%s has a kind that this test does not know: %s", path, v.Kind())
	}
}

var n int // counts the values

// difference names the first field that differs.
func difference(a, b reflect.Value, path string) string {
	if reflect.DeepEqual(a.Interface(), b.Interface()) {
		return ""
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if f := a.Type().Field(i); f.IsExported() {
				if d := difference(a.Field(i), b.Field(i), path+"."+f.Name); d != "" {
					return d
				}
			}
		}
	case reflect.Slice:
		for i := range min(a.Len(), b.Len()) {
			if d := difference(a.Index(i), b.Index(i), fmt.Sprint(path, "[", i, "]")); d != "" {
				return d
			}
		}
	case reflect.Pointer:
		if !a.IsNil() && !b.IsNil() {
			return difference(a.Elem(), b.Elem(), path)
		}
	}
	return fmt.Sprintf("%s: %v, sent %v", path, b.Interface(), a.Interface())
}
