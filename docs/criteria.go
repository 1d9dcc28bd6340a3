package docs

import (
	"fmt"
	"strings"

	"kafka-workshop/internal/workshop"
)

// A comparison of one field of a user. Text is compared in lower case.
type comparison struct {
	field string
	op    string // contains, starts or is: one of the words; above or below: the number; true
	words []string
	limit int
	not   bool
}

// A rule is a row of the criteria table: comparisons that must all hold, or any of which must.
type rule struct {
	any         bool
	comparisons []comparison
}

func contains(field string, words ...string) rule { return oneRule(field, "contains", words) }
func starts(field, word string) rule              { return oneRule(field, "starts", []string{word}) }
func is(field string, words ...string) rule       { return oneRule(field, "is", words) }

func oneRule(field, op string, words []string) rule {
	return rule{comparisons: []comparison{{field: field, op: op, words: words}}}
}

// rules are the rows of workshop.Criteria, in a form that can be written in any language. A test compares them.
var rules = []rule{
	contains("email", "hotmail"),
	starts("credit_card_number", "37"),
	contains("industry", "bank", "financ", "insur", "invest", "account", "capital"),
	contains("industry", "computer", "internet", "semiconductor", "telecom", "wireless"),
	contains("industry", "health", "hospital", "medical", "pharma", "biotech", "veterinary"),
	contains("profession", "engineer"),
	{comparisons: []comparison{{field: "premium", op: "true"}, {field: "credit", op: "above", limit: 10}}},
	{comparisons: []comparison{{field: "credit", op: "below", limit: -15}}},
	starts("time_zone", "asia/"),
	contains("user_agent", "msie", "trident"),
	starts("time_zone", "europe/"),
	is("field", "it", "technology"),
	{any: true, comparisons: []comparison{{field: "avatar", op: "contains", words: []string{"example.org"}}, {field: "avatar", op: "starts", words: []string{"https://"}, not: true}}},
	is("name", "john doe"),
	is("pack", "free"),
}

// A syntax is how a language writes comparisons.
type syntax struct {
	and, or, not string
	text         string                              // the field as text in lower case; %s is the field
	contains     string                              // %[1]s is the text, %[2]s the quoted word
	starts, is   string                              // likewise
	many         func(one, text, list string) string // matches one of the words; nil joins the comparisons with or
	flag         string                              // %s is the field
	above, below string                              // %s is the field, %d the number
	field        func(string) string                 // the field's name in the language; nil keeps the JSON name
}

var javaScript = syntax{
	and: " && ", or: " || ", not: "!", text: "user.%s.toLowerCase()",
	contains: "%s.includes(%s)", starts: "%s.startsWith(%s)", is: "%s === %s",
	many: func(one, text, list string) string {
		if one == "is" {
			return "[" + list + "].includes(" + text + ")"
		}
		return "[" + list + "].some((word) => " + text + ".includes(word))"
	},
	flag: "user.%s", above: "user.%s > %d", below: "user.%s < %d",
}

// syntaxes maps the extension of a program's file to its syntax.
var syntaxes = map[string]syntax{
	".py": {
		and: " and ", or: " or ", not: "not ", text: `user["%s"].lower()`,
		contains: "%[2]s in %[1]s", starts: "%s.startswith(%s)", is: "%s == %s",
		many: func(one, text, list string) string {
			if one == "is" {
				return text + " in (" + list + ")"
			}
			return "any(word in " + text + " for word in (" + list + "))"
		},
		flag: `user["%s"]`, above: `user["%s"] > %d`, below: `user["%s"] < %d`,
	},
	".js":  javaScript,
	".mjs": javaScript,
	".java": {
		and: " && ", or: " || ", not: "!", text: `user.get("%s").asText().toLowerCase()`,
		contains: "%s.contains(%s)", starts: "%s.startsWith(%s)", is: "%s.equals(%s)",
		many: func(one, text, list string) string {
			if one == "is" {
				return "List.of(" + list + ").contains(" + text + ")"
			}
			return "List.of(" + list + ").stream().anyMatch(" + text + "::contains)"
		},
		flag: `user.get("%s").asBoolean()`, above: `user.get("%s").asInt() > %d`, below: `user.get("%s").asInt() < %d`,
	},
	".go": {
		and: " && ", or: " ||\n\t\t", not: "!", text: "strings.ToLower(u.%s)",
		contains: "strings.Contains(%s, %s)", starts: "strings.HasPrefix(%s, %s)", is: "%s == %s",
		flag: "u.%s", above: "u.%s > %d", below: "u.%s < %d", field: goName,
	},
	".rs": {
		and: " && ", or: " || ", not: "!", text: `user["%s"].as_str().unwrap_or_default().to_lowercase()`,
		contains: "%s.contains(%s)", starts: "%s.starts_with(%s)", is: "%s == %s",
		many: func(one, text, list string) string {
			if one == "is" {
				return "[" + list + "].contains(&" + text + ".as_str())"
			}
			return "[" + list + "].iter().any(|word| " + text + ".contains(word))"
		},
		flag: `user["%s"] == true`, above: `user["%s"].as_i64() > Some(%d)`, below: `user["%s"].as_i64().is_some_and(|n| n < %[2]d)`,
	},
}

// goName returns a field's name in Go: TimeZone for time_zone.
func goName(field string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(field, "_") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

// write returns the rule as an expression.
func (s syntax) write(r rule) string {
	joint := s.and
	if r.any {
		joint = s.or
	}

	parts := make([]string, len(r.comparisons))
	for i, c := range r.comparisons {
		parts[i] = s.compare(c)
	}
	return strings.Join(parts, joint)
}

func (s syntax) compare(c comparison) string {
	field := c.field
	if s.field != nil {
		field = s.field(field)
	}
	switch c.op {
	case "true":
		return fmt.Sprintf(s.flag, field)
	case "above":
		return fmt.Sprintf(s.above, field, c.limit)
	case "below":
		return fmt.Sprintf(s.below, field, c.limit)
	}

	text := fmt.Sprintf(s.text, field)
	quoted := make([]string, len(c.words))
	for i, word := range c.words {
		quoted[i] = fmt.Sprintf("%q", word)
	}
	if len(quoted) > 1 && s.many != nil {
		return s.many(c.op, text, strings.Join(quoted, ", "))
	}

	form := map[string]string{"contains": s.contains, "starts": s.starts, "is": s.is}[c.op]
	for i, word := range quoted {
		quoted[i] = fmt.Sprintf(form, text, word)
	}
	out := strings.Join(quoted, s.or)
	if c.not {
		out = s.not + out
	}
	return out
}

// fillCriterion replaces team 7's row in a program.
func fillCriterion(source, language string, own workshop.Criterion) string {
	s, ok := syntaxes[language]
	if !ok {
		return source
	}

	example := workshop.CriterionOf(7)
	pairs := []string{
		s.write(rules[example.Row-1]), s.write(rules[own.Row-1]), `"` + example.Type + `"`, `"` + own.Type + `"`, `"` + example.Reason + `"`, `"` + own.Reason + `"`,
	}
	if language == ".go" {
		pairs = append(pairs, goFields(rules[example.Row-1]), goFields(rules[own.Row-1]))
	}
	return strings.NewReplacer(pairs...).Replace(source)
}

// goFields returns the struct fields that a rule needs, aligned as gofmt aligns those of team 7.
func goFields(r rule) string {
	types := map[string]string{"true": "bool  ", "above": "int   ", "below": "int   "}
	var out strings.Builder
	written := map[string]bool{"email": true}
	for _, c := range r.comparisons {
		if written[c.field] {
			continue
		}
		written[c.field] = true
		kind := types[c.op]
		if kind == "" {
			kind = "string"
		}
		fmt.Fprintf(&out, "\t%-7s %s `json:%q`\n", goName(c.field), kind, c.field)
	}
	return out.String()
}
