package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tenure/internal/access"
	"tenure/internal/config"
)

func (a *app) tokenCommand() *cobra.Command {
	return group("token", "Make tokens for the API",
		`Make tokens for the API. They are named in the starter's configuration, which keeps
their SHA-256 alone.`, a.tokenNewCommand())
}

// newToken is a token and what the configuration keeps of it.
type newToken struct {
	Name    string `json:"name"`
	Role    string `json:"role"`
	Token   string `json:"token"`
	SHA256  string `json:"sha256"`
	Expires string `json:"expires"`
}

func (a *app) tokenNewCommand() *cobra.Command {
	var name, role, expires string
	command := leaf("new", "Make a token",
		`Make a token of 256 random bits and print it, this once, with the line for the starter's
configuration. Nothing is sent anywhere: the token works once the line is in the
configuration (api.tokens) and the starter was restarted.`,
		`  tenure token new --name olga --role approver --expires 90d
  tenure token new --name nightly-import --role operator --expires 2027-02-28`,
		func(*cobra.Command, []string) error {
			last, err := lastDay(expires, time.Now())
			if err != nil {
				return err
			}
			made := newToken{Name: name, Role: role, Token: access.NewToken(), Expires: last}
			made.SHA256 = access.Digest(made.Token)
			return a.printToken(made)
		})
	command.Flags().StringVar(&name, "name", "", "`whose` it is: the actor of what is done with it")
	command.Flags().StringVar(&role, "role", "", "`role`: viewer, operator, approver or admin")
	command.Flags().StringVar(&expires, "expires", "90d", "how long it is good: a `time` such as 90d, or its last day")
	return command
}

func (a *app) printToken(made newToken) error {
	entry := config.Token{Name: made.Name, Role: made.Role, SHA256: made.SHA256, Expires: made.Expires}
	if err := entry.Validate(); err != nil {
		return usage("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if a.wantsJSON() {
		return a.json(made)
	}
	a.out.line("The token of %s, shown this once:", made.Name)
	a.out.line("")
	a.out.line("  %s", made.Token)
	a.out.line("")
	a.out.line("For the starter's configuration, under api.tokens:")
	a.out.line("")
	a.out.line("  - {name: %q, role: %s, sha256: %s, expires: %s}", made.Name, made.Role, made.SHA256, made.Expires)
	return nil
}

// lastDay reads a day, or a time from now, of which the last day counts.
func lastDay(text string, now time.Time) (string, error) {
	today := now.UTC().Format(time.DateOnly)
	if given, err := time.Parse(time.DateOnly, text); err == nil {
		if given.Format(time.DateOnly) < today {
			return "", usage("--expires is %s: that day is over", text)
		}
		return text, nil
	}
	length, err := parseDuration(text)
	if err != nil {
		return "", err
	}
	return now.UTC().Add(length).Format(time.DateOnly), nil
}
