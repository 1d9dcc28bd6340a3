// Package filter compiles expressions that select records. The names in an expression are the JSON names of a record's fields.
package filter

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Compile compiles an expression that is true or false. env is a struct or a map of the values that the expression may
// use. An error lists names; what is the word for the records that have them, as in users.
func Compile(expression string, env any, what string, names []string) (*vm.Program, error) {
	program, err := expr.Compile(expression, expr.Env(env), expr.AsBool())
	if err != nil {
		return nil, explain(expression, err, what, names)
	}
	return program, nil
}

// explain describes what is wrong with an expression and marks the place.
func explain(expression string, err error, what string, names []string) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return fmt.Errorf("--filter %q: %w", expression, err)
	}

	message := at.Message
	if name, ok := strings.CutPrefix(message, "unknown name "); ok {
		message = fmt.Sprintf("%s have no field %s (they have %s)", what, name, strings.Join(names, ", "))
	}
	source := []rune(expression)
	place := min(max(at.From, 0), len(source))
	return fmt.Errorf("--filter: %s, here: %s▶%s", message, string(source[:place]), string(source[place:]))
}

// Names returns the JSON names of a struct's fields.
func Names(of reflect.Type) []string {
	out := make([]string, of.NumField())
	for i := range out {
		out[i], _, _ = strings.Cut(of.Field(i).Tag.Get("json"), ",")
	}
	return out
}
