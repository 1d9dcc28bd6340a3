package provision

import (
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// saved writes text to a file in one of the encodings that spreadsheets use.
func saved(t *testing.T, encoding, text string) string {
	t.Helper()
	raw := []byte(text)
	switch encoding {
	case "UTF-8 with a mark":
		raw = append([]byte("\ufeff"), raw...)
	case "UTF-16LE", "UTF-16BE":
		order := binary.AppendByteOrder(binary.LittleEndian)
		if encoding == "UTF-16BE" {
			order = binary.BigEndian
		}
		raw = nil
		for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
			raw = order.AppendUint16(raw, unit)
		}
	}

	file := filepath.Join(t.TempDir(), "teams.csv")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// One roster, in every form that a spreadsheet, a shell or an editor writes.
func TestRosterAsProgramsSaveIt(t *testing.T) {
	want := map[int]string{4: "Los Ñandúes", 11: "Seals, and Co", 12: "team-12"}
	for _, encoding := range []string{"UTF-8", "UTF-8 with a mark", "UTF-16LE", "UTF-16BE"} {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			for _, separator := range []string{",", ";", "\t"} {
				for _, layout := range []string{
					"4|Los Ñandúes\n11|\"Seals, and Co\"\n12",
					"team|called\n4|Los Ñandúes\n11|\"Seals, and Co\"\n12|\n",
					"\"team\"|\"called\"\n\"4\"|\"Los Ñandúes\"\n\"11\"|\"Seals, and Co\"\n\"12\"|\"\"\n",
					"sep=|\n4|Los Ñandúes\n11|\"Seals, and Co\"\n12\n",
					"SEP=|\nteam|called|\n4| Los Ñandúes |\n11|\"Seals, and Co\"|\n12||\n",
					"team|called||\n\n4|Los Ñandúes||\n||\n   \n11|\"Seals, and Co\" |\n\u00a0|\n12\n||\n||\n",
					"# who comes\nteam|called\n4|\"Los Ñandúes\"\n# more\n11|\"Seals, and Co\"\n012|\n\n",
				} {
					text := strings.NewReplacer("|", separator, "\n", end).Replace(layout)
					got, err := ReadRoster(saved(t, encoding, text))
					if err != nil || !maps.Equal(got, want) {
						t.Errorf("%s %q: %v, %v", encoding, text, got, err)
					}
				}
			}
		}
	}
}

func TestQuotesInNames(t *testing.T) {
	for text, want := range map[string]string{
		`3,Team "Zulu" one`:          `Team "Zulu" one`,
		`3,"Team ""Zulu"" one"`:      `Team "Zulu" one`,
		`3,"Team "Zulu" one"`:        `Team "Zulu" one`,
		`3,"Zulu" one`:               `"Zulu" one`,
		`3;"Zulu; ""the one"""`:      `Zulu; "the one"`,
		`3;Zulu, one`:                `Zulu, one`,
		`3,6" pipes`:                 `6" pipes`,
		`"3" , "Zulu"`:               `Zulu`,
		"\ufeff\"3\",\"Zulu\"":       `Zulu`,
		"sep=,\n3,Zulu; one":         `Zulu; one`,
		"\"sep=;\"\n3;Zulu, one":     `Zulu, one`,
		"number;name\n3;Zulu, \"1\"": `Zulu, "1"`,
	} {
		got, err := ReadRoster(saved(t, "UTF-8", text))
		if err != nil || got[3] != want || len(got) != 1 {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// An error names the line and the cause, on one line.
func TestRosterRefusesByLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "it holds no team",
		"number,name\n,\n":             "it holds no team",
		"1,a\n1,b\n":                   "line 2: team 1 is listed twice",
		"0,a\n":                        `line 1: "0" is not a team number`,
		"5001,a\n":                     `line 1: "5001" is not a team number`,
		"1,a\nx,b\n":                   `line 2: "x" is not a team number`,
		"1,a\n2;b\n":                   `line 2: "2;b" is not a team number`,
		"number,name\r1,a\r\r,b":       "line 4: the team's number is missing",
		"sep=;\nnumber;name\n1;a;b\n":  "line 3: 3 fields",
		"1,a,b\n":                      "line 1: 3 fields",
		"1,\"a\n2,b\n":                 "line 1: a quote is not closed",
		"1,\u200b\u2060\n":             "line 1: a team's name has no visible character",
		"1,a\n2,\u202eb\n":             "line 2: a team's name contains a character that changes",
		"1,a\u0007b\n":                 "line 1: a team's name contains a control character",
		"1,a\u2028b\n":                 "line 1: a team's name contains a control character",
		"1,M\xfcller\n":                "line 1: a team's name is not valid UTF-8",
		"1\xfc,a\n":                    "line 1: this is not UTF-8",
		"1," + strings.Repeat("é", 41): "line 1: a team's name has 41 characters",
		"PK\x03\x04\x00\x00":           "this is no text file",
	} {
		file := saved(t, "UTF-8", text)
		got, err := ReadRoster(file)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) || strings.ContainsAny(err.Error(), "\r\n\x07") {
			t.Errorf("%q: %v, error %v; want %q", text, got, err, want)
		}
	}
}

func TestAboveTakesTheNamesOfTeamsThatThereAreNot(t *testing.T) {
	names := map[int]string{1: "a", 2: "b", 31: "c", 4: "d"}
	if got := RemoveAbove(names, 2); !slices.Equal(got, []int{4, 31}) || len(names) != 2 {
		t.Errorf("%v, left %v", got, names)
	}
}
