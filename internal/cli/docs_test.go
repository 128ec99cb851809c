package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tenure/internal/cli"
)

// TestDocs keeps docs/cli.md in step with the commands.
func TestDocs(t *testing.T) {
	t.Parallel()
	root := cli.NewRoot(cli.Environment{Stdout: t.Output(), Stderr: t.Output(), Getenv: func(string) string { return "" }})
	var b strings.Builder
	b.WriteString("# The command line\n\n<!-- Written by the tests of internal/cli: go test ./internal/cli -run TestDocs -update -->\n\n")
	b.WriteString(fenced(root.Long) + "\n\n`tenure completion SHELL` prints the completion script of bash, zsh, fish or PowerShell.\n\n## Flags of every command\n\n")
	writeFlags(&b, root.PersistentFlags())
	writeCommands(&b, root)
	name := filepath.Join("..", "..", "docs", "cli.md")
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), b.String()); diff != "" {
		t.Errorf("docs/cli.md differs (-file +commands); go test ./internal/cli -run TestDocs -update writes it again:\n%s", diff)
	}
}

func writeCommands(b *strings.Builder, parent *cobra.Command) {
	for _, command := range parent.Commands() {
		level := strings.Repeat("#", len(strings.Fields(command.CommandPath()))-1)
		fmt.Fprintf(b, "\n#%s %s\n\n%s\n", level, command.CommandPath(), fenced(strings.TrimSpace(command.Long)))
		if !command.HasSubCommands() {
			fmt.Fprintf(b, "\n```\n%s\n```\n", command.UseLine())
		}
		if command.Example != "" {
			fmt.Fprintf(b, "\n```sh\n%s\n```\n", dedent(command.Example))
		}
		if command.LocalFlags().HasAvailableFlags() {
			b.WriteString("\n")
			writeFlags(b, command.LocalFlags())
		}
		writeCommands(b, command)
	}
}

// fenced puts indented lines into fences, where Markdown keeps their columns.
func fenced(text string) string {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(text + "\n") {
		indented := strings.HasPrefix(line, "  ")
		switch {
		case indented && !inside:
			b.WriteString("\n```text\n")
		case !indented && inside:
			b.WriteString("```\n")
		}
		inside = indented
		b.WriteString(strings.TrimPrefix(line, "  "))
	}
	if inside {
		b.WriteString("```\n")
	}
	return strings.TrimSpace(b.String())
}

func dedent(text string) string {
	return strings.TrimPrefix(strings.ReplaceAll(text, "\n  ", "\n"), "  ")
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	b.WriteString("| flag | meaning |\n|---|---|\n")
	flags.VisitAll(func(f *pflag.Flag) {
		what, text := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if what != "" {
			name += " " + strings.ToUpper(what)
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			text += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", name, strings.ReplaceAll(text, "|", `\|`))
	})
}

// TestGoingLiveCommands: every command line of docs/going-live.md exists, with
// its flags.
func TestGoingLiveCommands(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "going-live.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(string(content)) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " > ")
		text, found := strings.CutPrefix(line, "bin/tenure ")
		if !found {
			continue
		}
		lines++
		root := cli.NewRoot(cli.Environment{Stdout: t.Output(), Stderr: t.Output(), Getenv: func(string) string { return "" }})
		command, args, err := root.Find(strings.Fields(text))
		if err != nil || command.HasSubCommands() {
			t.Errorf("%s: there is no such command: %v", line, err)
			continue
		}
		if err := command.ParseFlags(args); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if lines < 15 {
		t.Errorf("docs/going-live.md shows %d command lines: the protocol has more", lines)
	}
}
