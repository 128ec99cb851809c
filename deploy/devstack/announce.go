package main

import (
	"io"
	"text/template"
	"time"

	"tenure/deploy/devstack/stack"
)

// announcement says where to look; a newcomer reads it first.
const announcement = `Tenure is ready. Its state is in {{.Dir}}; Ctrl-C stops it, starting it again goes on.

  Journeys in the Temporal Web UI   http://{{.At.UI}}
  Mails that were sent              http://{{.At.Mail}}
{{- if .At.API}}
  The API                           http://{{.At.API}}

{{if .Onboarding}}  300 accounts are there that others made, and the target entra only observes.
  docs/going-live.md goes on from here:

  bin/tenure feed import {{.Dir}}/hr.csv --as-of {{.Day}} --dry-run
{{else}}  bin/tenure people list            who is there, and what comes next
  bin/tenure people timeline 2003   one person: past, now and future, with reasons
  bin/tenure journey fast-forward 2003 8d   live the next 8 days of this person now
{{- if .At.Domain}}
  bin/tenure people timeline 2010   an account made in Active Directory and synchronised to the tenant
{{- end}}
{{end}}
{{- end}}`

func announce(to io.Writer, opts stack.Options, at stack.Addresses) error {
	text, err := template.New("announcement").Parse(announcement)
	if err != nil {
		return err
	}
	return text.Execute(to, struct {
		Dir, Day   string
		Onboarding bool
		At         stack.Addresses
	}{opts.Dir, time.Now().Format(time.DateOnly), opts.Onboarding, at})
}
