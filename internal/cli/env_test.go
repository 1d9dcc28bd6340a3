package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func settingsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "class.env")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func wide(text string) string {
	raw := []byte{}
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		raw = append(raw, byte(unit), byte(unit>>8))
	}
	return string(raw)
}

// A settings file means the same whichever way an editor saves it.
func TestEnvFileAsEditorsSaveIt(t *testing.T) {
	want := map[string]string{
		"KAFKA_BROKERS": "10.0.0.7:9092,10.0.0.8:9092", "KAFKA_PASSWORD": "p#ss=w\u00f6rd", "WORKSHOP_TEAM": "9",
		"WORKSHOP_REASON": "a # b", "WORKSHOP_TYPE": `say "x"`, "KAFKA_CA": "", "KAFKA_SASL": "", "PUBLIC_URL": "http://h/#top",
	}
	const text = `# the class of today
KAFKA_BROKERS=10.0.0.7:9092,10.0.0.8:9092 # both
export KAFKA_PASSWORD=p#ss=wörd
 export  WORKSHOP_TEAM = 9	# ours
WORKSHOP_REASON="a # b" # quoted

WORKSHOP_TYPE='say "x"'
KAFKA_CA=
KAFKA_SASL= # the default
PUBLIC_URL=http://h/#top
`
	for _, end := range []string{"\n", "\r\n", "\r"} {
		text := strings.ReplaceAll(text, "\n", end)
		for how, raw := range map[string]string{"UTF-8": text, "a mark": "\ufeff" + text, "UTF-16": wide(text), "no end": strings.TrimRight(text, "\r\n")} {
			got, err := ReadEnvFile(settingsFile(t, raw))
			if err != nil || !maps.Equal(got, want) {
				t.Errorf("%s, %q: %q, %v", how, end, got, err)
			}
		}
	}
}

// An error about a line names its number and repeats none of its text.
func TestEnvFileRefusesByLine(t *testing.T) {
	for text, want := range map[string]string{
		"A=1\nKAFKA_PASSWORD geheim":                "line 2 is not NAME=value",
		"KAFKA_PASSWORD=\"geheim":                   "line 1 has a value without a closing quote",
		"\n\nKAFKA_PASSWORD='geheim\nand more'":     "line 3 has a value without a closing quote",
		"KAFKA_PASSWORD=\"ge\"heim\"":               "line 1 has text after the closing quote",
		"KAFKA_PASSWORD=geheim\xff":                 "line 1 is not UTF-8",
		"-----BEGIN geheim KEY-----\ngeheim/AbC8==": "line 1 is not NAME=value",
	} {
		_, err := ReadEnvFile(settingsFile(t, text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "heim") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ReadEnvFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestEnvLineComesBackAsItWas(t *testing.T) {
	for _, value := range []string{
		"", "plain", "a b", "a #b", "a#b", "#a", `"a"`, `'a'`, `it's`, `a "b" #c`, `it's #1`, `C:\Users\My Name\ca.pem`, " a ", "$HOME", "wörd",
	} {
		line, err := EnvLine("KAFKA_PASSWORD", value)
		if err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		got, err := ReadEnvFile(settingsFile(t, "WORKSHOP_TEAM=1\n"+line+"WORKSHOP_TEAMS=2\n"))
		if err != nil || got["KAFKA_PASSWORD"] != value || len(got) != 3 {
			t.Errorf("%q: written as %q, read as %q, %v", value, line, got, err)
		}
	}
	for _, value := range []string{"a\nb", "a\rb", `'a' "b" #c`} {
		if line, err := EnvLine("KAFKA_PASSWORD", value); err == nil {
			t.Errorf("%q is written as %q", value, line)
		}
	}
}

// A name that no program reads causes a warning with the name that was meant; a name of another program does not.
func TestNamesThatNobodyReadsAreTold(t *testing.T) {
	var grammar struct {
		Env
		Brokers string `env:"KAFKA_BROKERS"`
	}
	file := settingsFile(t, "KAFKA_BROKERS=a:1\nDATABASE_URL=postgres://geheim@h\nDEPLOY_KAFKA_NODES=3\n\nKAFKA_BROKER=b:2\nCOLOUR=geheim\n")
	for _, args := range [][]string{{"--env", file}, {"--env=" + file}} {
		var said bytes.Buffer
		if _, err := Parse("prog", "", &grammar, args, io.Discard, &said); err != nil || grammar.Brokers != "a:1" {
			t.Fatalf("%v, brokers %s", err, grammar.Brokers)
		}
		want := "--env " + file + ": line 5: no program of the workshop reads KAFKA_BROKER: did you mean KAFKA_BROKERS?\n" +
			"--env " + file + ": line 6: no program of the workshop reads COLOUR\n"
		if said.String() != want {
			t.Errorf("said %s", said.String())
		}
	}
}

func TestNearestName(t *testing.T) {
	for name, want := range map[string]string{
		"KAFKA_BROKER": "KAFKA_BROKERS", "KAFKA_BORKERS": "KAFKA_BROKERS", "kafka_brokers": "KAFKA_BROKERS", "KAFKA_USER": "KAFKA_USERNAME",
		"KAFKA_PASWORD": "KAFKA_PASSWORD", "KAFKA_CA_FILE": "KAFKA_CA", "WORKSHOP_TEM": "WORKSHOP_TEAM", "DATABASE_URI": "DATABASE_URL",
		"WORKSHOP_NAME_SPACE": "WORKSHOP_NAMESPACE", "INSTRUCTOR_TOKENS": "INSTRUCTOR_TOKEN",
		"PATH": "", "X": "", "JAVA_HOME": "", "POSTGRES_PASSWORD": "", "KAFKA": "",
	} {
		if got := nearest(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// The list of names matches the flags of all programs.
func TestNamesAreThoseOfTheFlags(t *testing.T) {
	tag := regexp.MustCompile(`env:"([A-Z_,]+)"`)
	found := map[string]bool{}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, match := range tag.FindAllStringSubmatch(string(source), -1) {
			for _, name := range strings.Split(match[1], ",") {
				found[name] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := slices.Sorted(maps.Keys(found)); !slices.Equal(names, want) {
		t.Errorf("names is to be, in this order:\n%q", want)
	}
}
