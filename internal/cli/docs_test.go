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

// TestCommandsOfThePages: every command line that a page shows exists, with its
// flags and as many arguments as it takes.
func TestCommandsOfThePages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, name := range append(pages, filepath.Join("..", "..", "README.md")) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		page := filepath.Base(name)
		shell := false
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSpace(line)
			if fence, found := strings.CutPrefix(line, "```"); found {
				shell = fence == "sh"
				continue
			}
			text, found := strings.CutPrefix(strings.TrimPrefix(line, "bin/"), "tenure ")
			if !shell || !found {
				continue
			}
			lines[page]++
			checkCommand(t, page+": "+line, text)
		}
	}
	for page, least := range map[string]int{"going-live.md": 15, "operations.md": 15, "cli.md": 60} {
		if lines[page] < least {
			t.Errorf("docs/%s shows %d command lines, want %d and more", page, lines[page], least)
		}
	}
}

func checkCommand(t *testing.T, shown, text string) {
	t.Helper()
	words, closed := shellWords(text)
	if !closed {
		t.Errorf("%s: a quote has no end", shown)
		return
	}
	root := cli.NewRoot(cli.Environment{Stdout: t.Output(), Stderr: t.Output(), Getenv: func(string) string { return "" }})
	command, args, err := root.Find(words)
	if err != nil || command.HasSubCommands() {
		t.Errorf("%s: there is no such command: %v", shown, err)
		return
	}
	if err := command.ParseFlags(args); err != nil {
		t.Errorf("%s: %v", shown, err)
		return
	}
	if err := command.ValidateArgs(command.Flags().Args()); err != nil {
		t.Errorf("%s: %v", shown, err)
	}
}

// shellWords cuts a line at its blanks as a shell does, up to a comment, a
// redirection or the end of the command, and reports whether every quote has its
// end.
func shellWords(line string) (words []string, closed bool) {
	var quote rune
	word, started := "", false
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, started = r, true
		case quote == 0 && r == ' ':
			if started {
				words = append(words, word)
			}
			word, started = "", false
		case quote == 0 && !started && strings.ContainsRune("#<>&|", r):
			return words, true
		default:
			word, started = word+string(r), true
		}
	}
	return words, quote == 0
}
