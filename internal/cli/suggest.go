package cli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

var (
	unknownFlag        = regexp.MustCompile(`^unknown flag (-\S+?)(, did you mean .*)?$`)
	unexpectedArgument = regexp.MustCompile(`^unexpected argument (.+?)(, did you mean .*)?$`)
)

// suggest replaces the parser's suggestions, which know neither the default command nor the flags of other commands.
func suggest(app *kong.Application, args []string, text string) string {
	node, _ := selected(app, args)
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		return "unknown flag " + m[1] + suggestFlag(app, node, m[1])
	}
	if m := unexpectedArgument.FindStringSubmatch(text); m != nil {
		return "unexpected argument " + m[1] + didYouMean(m[1], visible(commandsOf(node)))
	}
	return text
}

// commandsOf returns the node, or its nearest ancestor, that has commands.
func commandsOf(node *kong.Node) *kong.Node {
	for node.Parent != nil && len(node.Children) == 0 {
		node = node.Parent
	}
	return node
}

// suggestFlag returns the commands that have the flag, or else the command's own flag that is most similar.
func suggestFlag(app *kong.Application, node *kong.Node, name string) string {
	var owners []string
	for _, leaf := range app.Leaves(true) {
		if leaf != node && flagNamed(leaf, name) != nil {
			owners = append(owners, leaf.Path())
		}
	}
	if len(owners) > 0 {
		return fmt.Sprintf(": it is a flag of %s", strings.Join(owners, ", "))
	}

	var names []string
	for _, f := range flagsOf(node) {
		names = append(names, "--"+f.Name)
	}
	return didYouMean(name, names)
}

// helpOf returns the command line that explains a command.
func helpOf(program string, node *kong.Node) string {
	if node == nil || node.Parent == nil {
		return program + " --help"
	}
	return program + " " + node.Path() + " --help"
}
