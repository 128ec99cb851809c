package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// confirm asks at the terminal. Without one nobody can be asked: then it says
// how to agree beforehand.
func (a *app) confirm(c *cobra.Command, question, remedy string) error {
	in, ok := c.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return &remedied{cause: errors.New("nothing was changed: there is no terminal at which to ask"), remedy: remedy}
	}
	a.errs.write("\n" + question + " [y/N] ")
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	default:
		return errors.New("nothing was changed")
	}
}
