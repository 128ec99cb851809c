package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"tenure/deploy/devstack/stack"
)

// parse reads the flags; problems and help go to stderr.
func parse(args []string, stderr io.Writer) (stack.Options, error) {
	var o stack.Options
	const dir = ".tenure"
	flags := flag.NewFlagSet("tenure-devstack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Dir, "dir", dir, "`folder` that keeps all state")
	flags.StringVar(&o.APIAddr, "api-addr", "127.0.0.1:8080", "`address` of the operator API and the webhooks")
	flags.StringVar(&o.TemporalAddr, "temporal-addr", "127.0.0.1:7233", "`address` of the Temporal server")
	flags.StringVar(&o.UIAddr, "ui-addr", "127.0.0.1:8233", "`address` of the Temporal Web UI")
	flags.StringVar(&o.GraphAddr, "graph-addr", "127.0.0.1:8443", "`address` of the simulated Microsoft Graph")
	flags.StringVar(&o.MailAddr, "mail-addr", "127.0.0.1:8025", "`address` of the page with the mails")
	flags.StringVar(&o.Policy, "policy", "", "policy `file` to activate instead of the shipped example")
	flags.BoolVar(&o.Sample, "sample", true, "import the sample HR file")
	flags.BoolVar(&o.Hybrid, "hybrid", true, "give the sample a simulated domain of Active Directory too, which is synchronised with the tenant")
	flags.BoolVar(&o.Onboarding, "onboarding", false,
		"begin with 300 accounts that others made and an HR export to go live with: docs/going-live.md; its folder is onboarding in .tenure")
	flags.BoolVar(&o.Worker, "worker", true, "run the worker in this process")
	flags.BoolVar(&o.Starter, "starter", true, "run the starter in this process")
	flags.StringVar(&o.Store, "store", "", "`URL` of the store instead of a file in the folder")
	flags.BoolVar(&o.Encrypt, "encrypt", false, "keep payloads encrypted in Temporal, with a key in the folder; the Web UI decodes them over the API")
	flags.StringVar(&o.ReadyFile, "ready-file", "", "`path` of a JSON file with the addresses, written when everything answers")
	if err := flags.Parse(args); err != nil {
		return stack.Options{}, err
	}
	if flags.NArg() > 0 {
		return stack.Options{}, fmt.Errorf("unknown argument %q: there are only flags, see --help", flags.Arg(0))
	}
	if o.Onboarding && o.Dir == dir {
		o.Dir = filepath.Join(dir, "onboarding") // the sample's state is another organisation's
	}
	if o.Dir == "" {
		return stack.Options{}, errors.New("--dir is empty: name the folder that keeps the state")
	}
	return o, nil
}
