package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tenure/internal/httpapi"
)

const whoamiPath = "/v1/whoami"

func (a *app) loginCommand() *cobra.Command {
	return leaf("login", "Keep a token for an API",
		`Read a token from the terminal, without showing it, or from stdin; ask the API whose it
is; and keep it for this API in the user's configuration folder, in a file that nobody
else can read. Every command then sends it, to this API only. TENURE_TOKEN goes before
what is kept. A token is never sent in the clear to another machine.`,
		`  tenure login --api https://tenure.contoso.example
  tenure login --api https://tenure.contoso.example < token.txt`,
		func(c *cobra.Command, _ []string) error { return a.login(c) })
}

func (a *app) login(c *cobra.Command) error {
	store, err := a.credentials()
	if err != nil {
		return err
	}
	content, err := store.open()
	if err != nil {
		return err
	}
	base, err := a.base()
	if err != nil {
		return err
	}
	token, err := a.readToken(c.InOrStdin())
	if err != nil {
		return err
	}
	api, err := newClient(base, token)
	if err != nil {
		return err
	}
	identity, err := get[httpapi.Identity](c.Context(), api, whoamiPath, nil)
	if err != nil {
		return err
	}
	if !identity.Verified {
		return &remedied{cause: fmt.Errorf("%s asks nobody for a token", base), remedy: "nothing was kept: the commands work without one"}
	}
	content.Tokens[base] = token
	if err := store.save(content); err != nil {
		return err
	}
	return a.printIdentity(identity, "The token is kept for "+base+".")
}

// readToken reads the first line: from a terminal without an echo.
func (a *app) readToken(from io.Reader) (string, error) {
	const source = "stdin"
	if file, is := from.(*os.File); is && term.IsTerminal(int(file.Fd())) {
		a.errs.line("Token (it is not shown):")
		secret, err := term.ReadPassword(int(file.Fd()))
		if err != nil {
			return "", fmt.Errorf("read token: %w", err)
		}
		return string(secret), checkToken(source, string(secret))
	}
	line, err := bufio.NewReader(io.LimitReader(from, maxToken+2)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read token: %w", err)
	}
	token := strings.TrimRight(line, "\r\n")
	return token, checkToken(source, token)
}

func (a *app) logoutCommand() *cobra.Command {
	return leaf("logout", "Forget the token of an API",
		`Forget the token that tenure login keeps for this API. It stays good until it expires
or is taken out of the starter's configuration.`,
		`  tenure logout --api https://tenure.contoso.example`,
		func(*cobra.Command, []string) error {
			store, err := a.credentials()
			if err != nil {
				return err
			}
			base, err := a.base()
			if err != nil {
				return err
			}
			content, err := store.open()
			if err != nil {
				return err
			}
			if _, kept := content.Tokens[base]; !kept {
				a.out.line("No token is kept for %s.", base)
				return nil
			}
			delete(content.Tokens, base)
			if err := store.save(content); err != nil {
				return err
			}
			a.out.line("The token for %s is forgotten.", base)
			return nil
		})
}

func (a *app) whoamiCommand() *cobra.Command {
	return leaf("whoami", "Say who the API takes you for, and your role",
		`Ask the API who the caller is. Roles are viewer, operator, approver and admin; each may
do what those before it may. docs/api.md says what each may.`,
		`  tenure whoami`,
		func(c *cobra.Command, _ []string) error { return a.whoami(c.Context()) })
}

func (a *app) whoami(ctx context.Context) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	identity, err := get[httpapi.Identity](ctx, api, whoamiPath, nil)
	if err != nil {
		return err
	}
	return a.printIdentity(identity, "")
}

func (a *app) printIdentity(identity httpapi.Identity, note string) error {
	if a.wantsJSON() {
		return a.json(identity)
	}
	if identity.Verified {
		a.out.line("You are %s, with the role %s.", identity.Name, identity.Role)
	} else {
		a.out.line("Nobody is asked for a token here: whoever calls may do everything, and who acts is what they state.")
	}
	if note != "" {
		a.out.line("%s", note)
	}
	return nil
}
