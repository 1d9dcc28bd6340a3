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

// userType is workshop.User with its JSON names as the names in expressions.
var userType = func() reflect.Type {
	user := reflect.TypeFor[workshop.User]()
	out := make([]reflect.StructField, user.NumField())
	for i := range out {
		f := user.Field(i)
		out[i] = reflect.StructField{Name: f.Name, Type: f.Type, Tag: reflect.StructTag(fmt.Sprintf(`expr:%q`, f.Tag.Get("json")))}
	}
	return reflect.StructOf(out)
}()

// compile makes a match function of an expression over a user's JSON fields.
func compile(filter string) (func(*workshop.User) (bool, error), error) {
	program, err := expr.Compile(filter, expr.Env(reflect.Zero(userType).Interface()), expr.AsBool())
	if err != nil {
		return nil, filterError(filter, err)
	}

	return func(u *workshop.User) (bool, error) {
		got, err := expr.Run(program, reflect.ValueOf(*u).Convert(userType).Interface())
		if err != nil {
			return false, err // the expression fails for this user, such as by an index out of range
		}
		return got.(bool), nil // as AsBool makes sure
	}, nil
}

// filterError says what is wrong with an expression and marks the place.
func filterError(filter string, err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return fmt.Errorf("--filter %q: %w", filter, err)
	}

	message := at.Message
	if name, ok := strings.CutPrefix(message, "unknown name "); ok {
		message = fmt.Sprintf("users have no field %s (they have %s)", name, strings.Join(fieldNames(), ", "))
	}
	source := []rune(filter)
	place := min(max(at.From, 0), len(source))
	return fmt.Errorf("--filter: %s, here: %s▶%s", message, string(source[:place]), string(source[place:]))
}

func fieldNames() []string {
	user := reflect.TypeFor[workshop.User]()
	out := make([]string, user.NumField())
	for i := range out {
		out[i] = user.Field(i).Tag.Get("json")
	}
	return out
}
