package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// leakless runs the package's tests, and then looks for goroutines that they left.
type leakless struct{ *testing.M }

func (l leakless) Run() int {
	code := l.M.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){program: main})
}

// Scripts test the command line: what is printed where, and the exit statuses.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			tb, ok := env.T().(testing.TB)
			if !ok {
				return errors.New("not run by a test")
			}
			c := kafkatest.New(tb)
			env.Values[cluster{}], env.Values[testingT{}], env.Values[started{}] = c, tb, map[string]*running{}
			env.Setenv("KAFKA_BROKERS", strings.Join(c.Config.Brokers, ","))
			env.Setenv("KAFKA_USERNAME", c.Config.Username)
			env.Setenv("KAFKA_PASSWORD", string(c.Config.Password))
			env.Setenv("KAFKA_CA", c.Config.CA)
			env.Setenv("WORKSHOP_NAMESPACE", string(c.Namespace))
			env.Setenv("NS", string(c.Namespace))
			return nil
		},
		Cmds: scriptCommands,
	})
}
