package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// CompletionScript returns the script that makes a shell complete a program's command lines: bash, zsh, fish or
// powershell. The script asks the program itself, so it always knows the program's own flags.
func CompletionScript(app *kong.Application, shell string) string {
	function := strings.ReplaceAll(app.Name, "-", "_")
	return strings.NewReplacer("PROGRAM", app.Name, "FUNCTION", function, "FILES\n", fishFiles(app)).Replace(completionScripts[shell])
}

// fishFiles returns the lines for flags that take a file. Unlike the other shells, fish does not complete files where
// nothing else fits.
func fishFiles(app *kong.Application) string {
	var names []string
	for _, leaf := range app.Leaves(true) {
		for _, f := range flagsOf(leaf) {
			if f.PlaceHolder == "FILE" {
				names = append(names, f.Name)
			}
		}
	}
	slices.Sort(names)

	var b strings.Builder
	for _, name := range slices.Compact(names) {
		b.WriteString("complete -c " + app.Name + " -l " + name + " -r -F\n")
	}
	return b.String()
}

var completionScripts = map[string]string{
	"bash": `# Completes PROGRAM in bash: source <(PROGRAM completion bash)
_FUNCTION() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("${line%%$'\t'*}")
  done < <("${COMP_WORDS[0]}" complete --current="${COMP_WORDS[COMP_CWORD]}" -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -o default -F _FUNCTION PROGRAM
`,
	"zsh": `#compdef PROGRAM
# Completes PROGRAM in zsh: source <(PROGRAM completion zsh), after compinit
_FUNCTION() {
  local line word
  local -a found
  while IFS= read -r line; do
    word="${line%%$'\t'*}"
    found+=("${word//:/\\:}:${line#*$'\t'}")
  done < <("${words[1]}" complete --current="${words[CURRENT]}" -- "${(@)words[2,CURRENT-1]}" 2>/dev/null)
  if (( ${#found} )); then
    _describe -V PROGRAM found
  else
    _files
  fi
}
if [ "$funcstack[1]" = "_FUNCTION" ]; then
  _FUNCTION "$@"
else
  compdef _FUNCTION PROGRAM
fi
`,
	"fish": `# Completes PROGRAM in fish: PROGRAM completion fish | source
function __FUNCTION_complete
  set -l words (commandline -opc)
  $words[1] complete --current=(commandline -ct | string collect --allow-empty) -- $words[2..] 2>/dev/null
end
complete -c PROGRAM -f -a '(__FUNCTION_complete)'
FILES
`,
	"powershell": `# Completes PROGRAM in PowerShell: PROGRAM completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName 'PROGRAM' -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $before = @($words | Select-Object -Skip 1)
  & $words[0] complete "--current=$wordToComplete" '--' @before 2>$null | ForEach-Object {
    $word, $help = $_ -split "` + "`" + `t", 2
    if (-not $help) { $help = $word }
    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $help)
  }
}
`,
}
