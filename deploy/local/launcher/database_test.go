package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"kafka-workshop/internal/database/leaks"
	"kafka-workshop/internal/testing/postgrestest"
)

// A given database may be named in every form that the leaderboard accepts.
func TestEveryFormOfADatabasesAddressIsTaken(t *testing.T) {
	u, err := url.Parse(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	pairs := fmt.Sprintf("host=127.0.0.1,%s port=1,%s user=%s password='%s' dbname=%s sslmode=disable", u.Hostname(), u.Port(), u.User.Username(), password, u.Path[1:])
	for _, address := range []string{
		u.String(), strings.Replace(u.String(), "postgres:", "postgresql:", 1), pairs, strings.Replace(u.String(), "@", "@127.0.0.1:1,", 1),
	} {
		if err := checkDatabase(t.Context(), address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// The error for a database that cannot be reached contains no part of its address, in the program either.
func TestADatabaseThatLeadsNowhereIsNotTold(t *testing.T) {
	d := newDeployment(t)
	u, err := url.Parse(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, address := range leaks.Addresses(u.Host) {
		said := fmt.Sprint(checkDatabase(t.Context(), address))
		if i%11 == 0 && !strings.Contains(address, "\x00") {
			out, err := d.command("--database-url", address).CombinedOutput()
			if exitStatus(err) < 1 || strings.Count(string(out), "\n") != 1 {
				t.Errorf("%s: status %d: %s", address, exitStatus(err), out)
			}
			said += string(out)
		}
		if leak := leaks.In(said); leak != "" || !strings.Contains(said, "--database-url") {
			t.Errorf("%s: tells %q: %s", address, leak, said)
		}
	}
}
