package pipeline

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"kafka-workshop/internal/workshop"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
)

// fields is workshop.User with the names of its JSON fields as those of the expression language.
var fields = func() reflect.Type {
	user := reflect.TypeFor[workshop.User]()
	out := make([]reflect.StructField, user.NumField())
	for i := range out {
		f := user.Field(i)
		out[i] = reflect.StructField{Name: f.Name, Type: f.Type, Tag: reflect.StructTag(fmt.Sprintf(`expr:%q`, f.Tag.Get("json")))}
	}
	return reflect.StructOf(out)
}()

// compile turns an expression over the user's JSON fields into a match.
func compile(filter string) (func(*workshop.User) (bool, error), error) {
	program, err := expr.Compile(filter, expr.Env(reflect.Zero(fields).Interface()), expr.AsBool())
	if err != nil {
		return nil, pointAt(filter, err)
	}
	return func(u *workshop.User) (bool, error) {
		got, err := expr.Run(program, reflect.ValueOf(*u).Convert(fields).Interface())
		if err != nil {
			return false, err // an expression that fails on this user, such as a bad index
		}
		return got.(bool), nil // AsBool
	}, nil
}

// pointAt says what is wrong and marks the place.
func pointAt(filter string, err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return fmt.Errorf("--filter %q: %w", filter, err)
	}
	message := at.Message
	if name, ok := strings.CutPrefix(message, "unknown name "); ok {
		message = fmt.Sprintf("users have no field %s (they have %s)", name, strings.Join(names(), ", "))
	}
	source := []rune(filter)
	place := min(max(at.From, 0), len(source))
	return fmt.Errorf("--filter: %s, here: %s▶%s", message, string(source[:place]), string(source[place:]))
}

func names() []string {
	user := reflect.TypeFor[workshop.User]()
	out := make([]string, user.NumField())
	for i := range out {
		out[i] = user.Field(i).Tag.Get("json")
	}
	return out
}
