package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A Completion is a word that can complete a command line, with a short help text.
type Completion struct{ Word, Help string }

// Complete returns the completions of current, the beginning of a word that follows words on a command line. It knows
// the same commands, flags and values as the parser.
func Complete(app *kong.Application, words []string, current string) []Completion {
	words = withoutEquals(words)
	if current == "=" { // bash splits --format=json into three words
		current = ""
	}

	node, rest := selected(app, words)
	ended := slices.Contains(words, "--")
	var all []Completion
	switch last := lastOf(words); {
	case !ended && takesNext(node, last):
		all = values(flagNamed(node, last).Value, "")
	case !ended && strings.HasPrefix(current, "--") && strings.Contains(current, "="):
		name, _, _ := strings.Cut(current, "=")
		if flag := flagNamed(node, name); flag != nil {
			all = values(flag.Value, name+"=")
		}
	case !ended && strings.HasPrefix(current, "-"):
		for _, f := range flagsOf(node) {
			all = append(all, Completion{"--" + f.Name, firstSentence(f.Help)})
		}
	default:
		all = arguments(app, node, rest)
	}
	return slices.DeleteFunc(all, func(c Completion) bool { return !strings.HasPrefix(c.Word, current) })
}

func lastOf(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

func withoutEquals(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "=" })
}

// values returns the values that a flag or an argument can have, if there is a list of them.
func values(v *kong.Value, prefix string) []Completion {
	var out []Completion
	if v.Enum == "" {
		return nil
	}
	for _, value := range v.EnumSlice() {
		if value != "" {
			out = append(out, Completion{prefix + value, ""})
		}
	}
	return out
}

// arguments returns a command's subcommands, or the values of its next argument.
func arguments(app *kong.Application, node *kong.Node, rest []string) []Completion {
	if len(rest) == 0 && len(node.Positional) == 0 {
		return commands(node)
	}
	if len(node.Positional) == 0 {
		return nil
	}

	next := node.Positional[min(len(rest), len(node.Positional)-1)]
	if next.Tag.Get("complete") == "commands" {
		named, unknown := find(app, rest)
		if len(unknown) > 0 {
			return nil
		}
		return commands(named)
	}
	return values(next, "")
}

func commands(node *kong.Node) []Completion {
	var out []Completion
	for _, name := range visible(node) {
		out = append(out, Completion{name, firstSentence(child(node, name).Help)})
	}
	return out
}

// firstSentence returns the start of a help text, short enough to show beside a word.
func firstSentence(help string) string {
	first, _, _ := strings.Cut(help, ". ")
	first, _, _ = strings.Cut(first, ": ")
	return strings.TrimSuffix(first, ".")
}
