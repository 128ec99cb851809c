package cli

import "github.com/spf13/cobra"

// NewRoot is the tree of commands, for the test that writes docs/cli.md.
func NewRoot(env Environment) *cobra.Command { return newApp(env).root() }
