package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// find returns the command that words name, and the remaining words.
func find(app *kong.Application, words []string) (*kong.Node, []string) {
	node := app.Node
	for i, word := range words {
		next := child(node, word)
		if next == nil {
			return node, words[i:]
		}
		node = next
	}
	return node, nil
}

func child(node *kong.Node, name string) *kong.Node {
	for _, c := range node.Children {
		if c.Type == kong.CommandNode && c.Name == name {
			return c
		}
	}
	return nil
}

// visible returns the names of a command's subcommands, except hidden ones.
func visible(node *kong.Node) []string {
	var out []string
	for _, c := range node.Children {
		if c.Type == kong.CommandNode && !c.Hidden {
			out = append(out, c.Name)
		}
	}
	return out
}

// flagsOf returns the flags that a command accepts, including those of its default command if that needs no name.
func flagsOf(node *kong.Node) []*kong.Flag {
	if node.DefaultCmd != nil && node.DefaultCmd.Tag.Default == "withargs" {
		node = node.DefaultCmd
	}
	return slices.Concat(node.AllFlags(true)...)
}

// selected returns the command that a command line names, as far as it can be parsed, and the words that are neither
// flags nor commands.
func selected(app *kong.Application, args []string) (node *kong.Node, rest []string) {
	node = app.Node
	for i := 0; i < len(args); i++ {
		word := args[i]
		if word == "--" {
			return node, append(rest, args[i+1:]...)
		}
		if strings.HasPrefix(word, "-") && word != "-" {
			if takesNext(node, word) {
				i++
			}
			continue
		}

		if next := child(node, word); next != nil && len(rest) == 0 {
			node = next
			continue
		}
		rest = append(rest, word)
	}
	return node, rest
}

// takesNext reports whether a flag's value is the next word.
func takesNext(node *kong.Node, word string) bool {
	flag := flagNamed(node, word)
	return flag != nil && !flag.IsBool() && !strings.Contains(word, "=")
}

// flagNamed returns the flag that a word such as --format or --format=json names.
func flagNamed(node *kong.Node, word string) *kong.Flag {
	name, _, _ := strings.Cut(word, "=")
	for _, f := range flagsOf(node) {
		if name == "--"+f.Name || (f.Short != 0 && name == "-"+string(f.Short)) {
			return f
		}
	}
	return nil
}

// KnownCommand returns a UsageError for words that name no command, with a suggestion of the one that may be meant.
func KnownCommand(app *kong.Application, words []string) error {
	node, rest := find(app, words)
	if len(rest) == 0 {
		return nil
	}
	return Usagef("there is no command %s%s", strings.Join(words, " "), didYouMean(rest[0], visible(node)))
}

// didYouMean returns a question about the candidate that is most similar to a word, or nothing.
func didYouMean(word string, candidates []string) string {
	best, least := "", len(word)/3+2
	for _, c := range candidates {
		d := distance(word, c)
		if len(word) > 1 && strings.HasPrefix(c, word) {
			d = min(d, 1)
		}
		if d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}
