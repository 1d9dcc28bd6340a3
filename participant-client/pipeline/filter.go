package pipeline

import (
	"fmt"
	"reflect"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/filter"

	"github.com/expr-lang/expr"
)

// userType is workshop.User with its JSON names as the names in expressions.
var userType = func() reflect.Type {
	user := reflect.TypeFor[workshop.User]()
	out := make([]reflect.StructField, user.NumField())
	for i, name := range filter.Names(user) {
		f := user.Field(i)
		out[i] = reflect.StructField{Name: f.Name, Type: f.Type, Tag: reflect.StructTag(fmt.Sprintf(`expr:%q`, name))}
	}
	return reflect.StructOf(out)
}()

// compile compiles an expression over a user's JSON fields to a match function.
func compile(expression string) (func(*workshop.User) (bool, error), error) {
	names := filter.Names(reflect.TypeFor[workshop.User]())
	program, err := filter.Compile(expression, reflect.Zero(userType).Interface(), "users", names)
	if err != nil {
		return nil, err
	}

	return func(u *workshop.User) (bool, error) {
		got, err := expr.Run(program, reflect.ValueOf(*u).Convert(userType).Interface())
		if err != nil {
			return false, err // the expression fails for this user, such as by an index out of range
		}
		return got.(bool), nil // AsBool ensures that
	}, nil
}
