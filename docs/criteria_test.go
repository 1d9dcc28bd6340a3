package docs

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/interop"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/workshop"
)

// judges are programs that read users.json, one user a line, and print for each user a line with 1 or 0 for each row:
// whether the user meets it. ROWS is replaced by the rows in the language.
var judges = map[string]string{
	".py": `import json
for line in open("users.json"):
    user = json.loads(line)
    print("".join(str(int(met)) for met in (ROWS)))
`,
	".js": `for (const line of require("fs").readFileSync("users.json", "utf8").trim().split("\n")) {
  const user = JSON.parse(line);
  console.log([ROWS].map(Number).join(""));
}
`,
	".mjs": `import fs from "node:fs";
for (const line of fs.readFileSync("users.json", "utf8").trim().split("\n")) {
  const user = JSON.parse(line);
  console.log([ROWS].map(Number).join(""));
}
`,
	".java": `import java.nio.file.*;
import java.util.List;

public class Team {
    public static void main(String[] args) throws Exception {
        for (var line : Files.readAllLines(Path.of("users.json"))) {
            var user = new com.fasterxml.jackson.databind.ObjectMapper().readTree(line);
            var out = new StringBuilder();
            for (boolean met : new boolean[] {ROWS}) out.append(met ? 1 : 0);
            System.out.println(out);
        }
    }
}
`,
	".go": `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type user struct {
FIELDS}

func main() {
	text, err := os.ReadFile("users.json")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		var u user
		if err := json.Unmarshal([]byte(line), &u); err != nil {
			panic(err)
		}
		for _, met := range []bool{ROWS} {
			if met {
				fmt.Print(1)
			} else {
				fmt.Print(0)
			}
		}
		fmt.Println()
	}
}
`,
	".rs": `fn main() {
    for line in std::fs::read_to_string("users.json").unwrap().lines() {
        let user: serde_json::Value = serde_json::from_str(line).unwrap();
        println!("{}", [ROWS].map(|met| if met { "1" } else { "0" }).concat());
    }
}
`,
}

// The rows match the same users in every language as in the leaderboard.
func TestTheRowsInEveryLanguage(t *testing.T) {
	users, want := judgedUsers(t)
	for _, p := range interop.Programs {
		t.Run(p.Name(), func(t *testing.T) {
			dir := t.TempDir()
			words, err := p.Prepare(t.Context(), dir, judge)
			if errors.Is(err, interop.ErrMissing) {
				lacks.Part(t, "the rows are not compared: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}

			if err := os.WriteFile(filepath.Join(dir, "users.json"), users, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if got := strings.Fields(string(out)); err != nil || strings.Join(got, "\n") != want {
				t.Errorf("%v: %s\nwant\n%s", err, out, want)
			}
		})
	}
}

// judge returns a judge in place of the program, and the program's other files unchanged.
func judge(file string) (string, error) {
	language := path.Ext(file)
	text := judges[language]
	if text == "" {
		return Program(file, workshop.ScaleUp, workshop.Joining{})
	}

	var rows []string
	fields := "\tEmail string `json:\"email\"`\n"
	for _, r := range rules {
		rows = append(rows, syntaxes[language].write(r))
		if field := goFields(r); !strings.Contains(fields, field) {
			fields += field
		}
	}
	return strings.NewReplacer("ROWS", strings.Join(rows, ", "), "FIELDS", fields).Replace(text), nil
}

// judgedUsers returns users as lines of JSON, and for each user a line that shows which rows it meets.
func judgedUsers(t *testing.T) (lines []byte, want string) {
	t.Helper()
	pick := func(n int, of ...string) string { return of[n%len(of)] }
	var judged []string
	for i := range 200 {
		u := workshop.User{
			Email: pick(i, "a@Hotmail.com", "b@gmail.com"), CreditCardNumber: pick(i/2, "3712", "4237"),
			Industry:   pick(i, "Investment Banking", "Semiconductors", "Veterinary Services", "Farming", "Accounting", "Wireless", "Biotechnology"),
			Profession: pick(i, "Software Engineer", "Baker", "ENGINEERING manager"), Premium: i%3 == 0, Credit: i%41 - 20,
			TimeZone: pick(i, "Asia/Tokyo", "europe/Rome", "America/Asia/"), UserAgent: pick(i, "Mozilla MSIE 7", "trident", "Firefox"),
			Field: pick(i, "IT", "technology", "Information Technology"), Avatar: pick(i, "https://robohash.org/x", "https://Example.org/x", "http://robohash.org/x", "HTTPS://a"),
			Name: pick(i, "John Doe", "john doe", "John Doeman"), Pack: pick(i, "free", "Free", "small"),
		}
		text, err := json.Marshal(u)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, text...), '\n')

		met := ""
		for _, c := range workshop.Criteria() {
			met += map[bool]string{true: "1", false: "0"}[c.Match(&u)]
		}
		judged = append(judged, met)
	}
	return lines, strings.Join(judged, "\n")
}

// A program has the team's row, type and reason in place of team 7's, and no guide comments.
func TestProgramsAreTheTeams(t *testing.T) {
	for _, p := range interop.Programs {
		file := p.Files[len(p.Files)-1]
		for team := 1; team <= 15; team++ {
			c := workshop.CriterionOf(team)
			j := workshop.Joining{Team: team, Namespace: "spring.", SASL: "SCRAM-SHA-256", TLS: team%2 == 0}
			text, err := Program(file, workshop.ScaleUp, j)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{
				syntaxes[path.Ext(file)].write(rules[team-1]), `"` + c.Type + `"`, `"` + c.Reason + `"`, fmt.Sprintf(`"spring.team-%d.actions"`, team),
				fmt.Sprintf(`"spring.team-%d.stats"`, team), fmt.Sprintf(`"team-%d"`, team), `"spring.new_users"`,
			} {
				if language := path.Ext(file); !strings.Contains(text, want) && language != ".go" || language == ".go" && !strings.Contains(strings.Join(strings.Fields(text), ""), strings.Join(strings.Fields(want), "")) {
					t.Errorf("%s of team %d lacks %s", file, team, want)
				}
			}
			if strings.Contains(text, "guide: ") || team != 7 && strings.Contains(text, "team-7") || strings.Contains(text, "KAFKA_CA") {
				t.Errorf("%s of team %d:\n%s", file, team, text)
			}
		}
	}
}

// A worker has the team's names, and no guide comments.
func TestWorkersAreTheTeams(t *testing.T) {
	for _, p := range interop.Workers {
		file := p.Files[len(p.Files)-1]
		for _, j := range []workshop.Joining{
			{Team: 3, Namespace: "spring.", SASL: "SCRAM-SHA-256", TLS: true, CA: "PEM"}, {Team: 3, Namespace: "spring."},
		} {
			text, err := Program(file, workshop.Queues, j)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{`"spring.crew-3"`, `"spring.jobs"`, `"team-3"`, `"spring.team-3.stats"`} {
				if !strings.Contains(text, want) {
					t.Errorf("%s lacks %s", file, want)
				}
			}
			if strings.Contains(text, "guide: ") || strings.Contains(text, "-7") || strings.Contains(text, "SASL_SSL") != (j.SASL != "") {
				t.Errorf("%s with a login %q:\n%s", file, j.SASL, text)
			}
		}
	}
}

// Every program is on the page once, in a section of its own lesson.
func TestEveryProgramIsInTheGuide(t *testing.T) {
	want := map[string]int{}
	for _, p := range slices.Concat(interop.Programs, interop.Workers) {
		for _, file := range p.Files {
			want[file]++
		}
	}
	for file, times := range want {
		if n := strings.Count(Participant, "\n["+"programs/"+file+"](programs/"+file+")\n"); n != times {
			t.Errorf("%s is in the guide %d times, want %d", file, n, times)
		}
	}
	if filled := Fill(Participant, workshop.ScaleUp, workshop.Joining{}); strings.Contains(filled, "](programs/") {
		t.Error("a program is not included")
	}
}
