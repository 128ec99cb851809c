package cli

import (
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

func (a *app) renewCommand() *cobra.Command {
	var f overrideFlags
	var all bool
	command := leaf("renew [ID]", "Continue a journey as a new workflow run",
		`Continue a journey as a new run of its workflow; nothing of its state is lost.
With --all every journey is renewed: do so after an upgrade, before a version that
no longer knows the old histories.`,
		`  tenure journey renew 1001 --reason 'history grew large'
  tenure journey renew --all --reason 'before the upgrade to 2.0'`,
		func(c *cobra.Command, args []string) error {
			if all == (len(args) == 1) {
				return usage("give an ID, or --all: one of them")
			}
			override, err := a.override(f, nil)
			switch {
			case err != nil:
				return err
			case all:
				return a.renewAll(c, override)
			default:
				return a.sendOverride(c, contract.Renew, args[0], override)
			}
		})
	f.add(command)
	command.Flags().StringVar(&f.id, "id", "", "`name` of this override: the same one sent twice counts once")
	command.Flags().BoolVar(&all, "all", false, "renew the journey of everybody")
	return command
}

// renewed is the outcome of a renewal of everybody.
type renewed struct {
	Renewed int       `json:"renewed"`
	Failed  []failure `json:"failed"`
}

type failure struct {
	httpapi.PersonID
	Error string `json:"error"`
}

// renewAll goes on behind a journey that refuses, and says so at the end.
func (a *app) renewAll(c *cobra.Command, override contract.Override) error {
	if err := validate(contract.Renew, override); err != nil {
		return err
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	var ids []httpapi.PersonID
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	err = api.people(c.Context(), query, func(page []httpapi.Person) error {
		for _, person := range page {
			ids = append(ids, person.PersonID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	progress := a.progress("journeys renewed", len(ids))
	done := renewed{Failed: []failure{}}
	for i, id := range ids {
		if err := c.Context().Err(); err != nil {
			return err
		}
		if _, err := a.postOverride(c, api, id, contract.Renew, override); err != nil {
			done.Failed = append(done.Failed, failure{PersonID: id, Error: err.Error()})
		} else {
			done.Renewed++
		}
		progress.to(i + 1)
	}
	progress.end()
	return a.reportRenewed(done)
}

func (a *app) reportRenewed(done renewed) error {
	if a.wantsJSON() {
		if err := a.json(done); err != nil {
			return err
		}
	} else {
		a.out.line("%s renewed, %d refused.", count(done.Renewed, "journey", "journeys"), len(done.Failed))
		for _, one := range done.Failed {
			a.out.text("  "+showID(one.PersonID)+": ", one.Error)
		}
	}
	if len(done.Failed) > 0 {
		return &findings{"journeys were not renewed"}
	}
	return nil
}
