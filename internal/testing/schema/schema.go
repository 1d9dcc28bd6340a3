// Package schema validates records against the JSON Schemas in docs/schemas.
package schema

import (
	"bytes"
	"testing"

	"kafka-workshop/docs"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Schema is one of docs/schemas.
type Schema struct{ compiled *jsonschema.Schema }

// Open compiles the schema with that name, such as user.
func Open(t testing.TB, name string) Schema {
	t.Helper()
	text, err := docs.Schemas.ReadFile("schemas/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}

	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}

	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}

	compiled, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return Schema{compiled}
}

// Check returns an error if a value does not match the schema.
func (s Schema) Check(value []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		return err
	}
	return s.compiled.Validate(doc)
}
