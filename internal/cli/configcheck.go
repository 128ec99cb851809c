package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/config"
)

// defaultConfig is where the processes look for their configuration.
const defaultConfig = "tenure.yaml"

func (a *app) configCommand() *cobra.Command {
	return group("config", "Check the configuration of the processes", "Check the configuration of tenure worker and tenure starter.", a.configCheckCommand())
}

func configFlag(c *cobra.Command, name *string) {
	c.Flags().StringVar(name, "config", defaultConfig, "`file` with the configuration")
}

func (a *app) configCheckCommand() *cobra.Command {
	var name string
	command := leaf("check", "Check the configuration and print what is in effect",
		`Check the configuration file of the processes, and print it with its defaults.
Secrets are never printed; references to them (env:NAME, file:PATH) are tried, in
this environment. All problems are listed at once; then it ends with 3.`,
		`  tenure config check --config tenure.yaml`,
		func(*cobra.Command, []string) error { return a.configCheck(name) })
	configFlag(command, &name)
	return command
}

// configReport is what a check found.
type configReport struct {
	Valid     bool     `json:"valid"`
	Problems  []string `json:"problems"`
	Effective string   `json:"effective,omitempty"`
}

func (a *app) configCheck(name string) error {
	content, err := readConfig(name)
	if err != nil {
		return err
	}
	report := configReport{Problems: []string{}}
	c, err := config.Load(name, bytes.NewReader(content))
	if err != nil {
		report.Problems = lines(err)
	} else {
		var effective strings.Builder
		if err := c.Print(&effective); err != nil {
			return err
		}
		report.Effective, report.Problems = effective.String(), unresolved(c)
	}
	report.Valid = len(report.Problems) == 0
	if err := a.printConfig(name, report); err != nil {
		return err
	}
	if !report.Valid {
		return &findings{"the configuration has problems"}
	}
	return nil
}

func (a *app) printConfig(name string, report configReport) error {
	if a.wantsJSON() {
		return a.json(report)
	}
	for line := range strings.Lines(report.Effective) {
		a.out.line("%s", strings.TrimRight(line, "\n"))
	}
	for _, problem := range report.Problems {
		a.out.line("%s", problem)
	}
	if report.Valid {
		a.out.line("# %s is valid.", name)
		return nil
	}
	a.out.line("%s has %s.", name, count(len(report.Problems), "problem", "problems"))
	return nil
}

func readConfig(name string) ([]byte, error) {
	content, err := readUpTo(name, config.MaxSource)
	if err != nil {
		return nil, &remedied{
			cause:  fmt.Errorf("read configuration: %w", err),
			remedy: "name the file with --config FILE; the smallest one holds two lines: store: sqlite:tenure.db and codec: none",
		}
	}
	return content, nil
}

// readUpTo reads a file, and a byte more than is allowed of one that is larger.
func readUpTo(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, most+1))
}

// maxCertificates bounds what is read of a file of certificates.
const maxCertificates = 1 << 20

// readWhole reads a file that has no more bytes than are allowed.
func readWhole(name string, most int64) ([]byte, error) {
	content, err := readUpTo(name, most)
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("%s has more than %d bytes: it is no such file", name, most)
	}
	if err != nil {
		return nil, err
	}
	return content, nil
}

// unresolved tries every reference of a configuration.
func unresolved(c config.Config) []string {
	problems := []string{}
	references := config.Environment()
	try := func(key, text string) {
		if _, err := references.Bytes(text); err != nil && config.IsReference(text) {
			problems = append(problems, key+": "+err.Error())
		}
	}
	try("store", c.Store)
	try("mail.server", c.Mail.Server)
	try("mail.user", c.Mail.User)
	try("mail.secret", c.Mail.Secret)
	for key := range strings.SplitSeq(c.Codec, ",") {
		_, reference, _ := strings.Cut(strings.TrimSpace(key), "=")
		try("codec", reference)
	}
	for target, connection := range c.Targets {
		if connection.CAFile == "" {
			continue
		}
		if _, err := readWhole(connection.CAFile, maxCertificates); err != nil {
			problems = append(problems, "targets."+target+".caFile: "+err.Error())
		}
	}
	slices.Sort(problems)
	return problems
}

// lines takes an error with several problems apart.
func lines(err error) []string {
	text := err.Error()
	var inner interface{ Unwrap() []error }
	if !errors.As(err, &inner) {
		return strings.Split(text, "\n")
	}
	var out []string
	for _, one := range inner.Unwrap() {
		out = append(out, one.Error())
	}
	return out
}
