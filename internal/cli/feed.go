package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) feedCommand() *cobra.Command {
	return group("feed", "Tell Tenure what HR says, and see how that stands",
		`A feed is a configured source of HR facts: files (csv) or signed messages
(webhook). The feeds stand in the policy.`,
		a.feedImportCommand(), a.feedStatusCommand(), a.feedRejectsCommand(), a.feedReleaseCommand())
}

func (a *app) feedStatusCommand() *cobra.Command {
	return leaf("status", "Show how every feed stands",
		`Show every feed of the active policy: when it last said something, the figures of
its last file, how many people it speaks of, and what a human should look at.`,
		`  tenure feed status
  tenure feed status -o json`,
		func(c *cobra.Command, _ []string) error {
			feeds, err := a.feeds(c.Context())
			if err != nil {
				return err
			}
			if a.wantsJSON() {
				return a.json(feeds)
			}
			a.printFeeds(feeds)
			return nil
		})
}

func (a *app) feeds(ctx context.Context) ([]httpapi.FeedStatus, error) {
	api, err := a.client()
	if err != nil {
		return nil, err
	}
	return get[[]httpapi.FeedStatus](ctx, api, "/v1/feeds", nil)
}

func (a *app) printFeeds(feeds []httpapi.FeedStatus) {
	if len(feeds) == 0 {
		a.out.line("The active policy has no feeds: tenure policy apply FILE --reason WHY activates one that has.")
		return
	}
	t := newTable("FEED", "KIND", "REALM", "LAST SUCCESS", "AGE", "ROWS", "TAKEN", "REJECTED", "PEOPLE", "ABSENT", "ATTENTION")
	for _, feed := range feeds {
		age := none
		if feed.AgeSeconds != nil {
			age = showDuration(time.Duration(*feed.AgeSeconds) * time.Second)
		}
		t.add(feed.Name, joined(" ", feed.Kind, feed.Mode), feed.Realm, showMaybe(feed.LastSuccess), age,
			number(feed.Rows), number(feed.Accepted), number(feed.Rejected), number(feed.People), number(feed.Absent),
			or(strings.Join(feed.Attention, "; "), none))
	}
	t.print(a.out, "")
	for _, feed := range feeds {
		if feed.Held && feed.LastImport != nil {
			a.out.line("")
			a.printHeld(*feed.LastImport)
		}
	}
}

// printHeld says why a file waits, and what a human can do.
func (a *app) printHeld(i httpapi.Import) {
	a.out.line("The file %s of the feed %s is held (import %s); none of it has taken effect:", or(i.FileName, "without a name"), i.Feed, i.ID)
	for _, reason := range i.HeldReasons {
		a.out.text("  - ", reason)
	}
	next := newTable()
	if i.Rejected > 0 {
		next.add("look at it", "tenure feed rejects "+quoted(i.ID))
	}
	next.add("if it is right", "tenure feed release "+quoted(i.ID)+" --reason WHY")
	next.add("if it is wrong", "correct the file and import it again")
	next.print(a.out, "  ")
}

func (a *app) feedRejectsCommand() *cobra.Command {
	return leaf("rejects FEED|IMPORT", "List the rows of a file that were not taken",
		`List the rows of a file that were not taken, with everything that is wrong in each.
A feed's name means its last file. A rejected row counts as present: nobody leaves
because of it, but what it says has not been heard.`,
		`  tenure feed rejects hr`,
		func(c *cobra.Command, args []string) error {
			api, found, err := a.findImport(c.Context(), args[0])
			if err != nil {
				return err
			}
			rejects, err := get[[]httpapi.Reject](c.Context(), api, importPath(found)+"/rejects", nil)
			if err != nil {
				return err
			}
			if a.wantsJSON() {
				return a.json(rejects)
			}
			if len(rejects) == 0 {
				a.out.line("Every row of import %s was taken.", found.ID)
				return nil
			}
			a.printRejects(rejects)
			return nil
		})
}

func (a *app) printRejects(rejects []httpapi.Reject) {
	t := newTable("LINE", "KEY", "PROBLEM")
	for _, reject := range rejects {
		t.addRow(reject.Row, reject.Key, reject.Problems)
	}
	t.print(a.out, "")
}

func (a *app) printRemarks(remarks []httpapi.Remark) {
	t := newTable("LINE", "KEY", "REMARK")
	for _, remark := range remarks {
		t.addRow(remark.Row, remark.Key, remark.Texts)
	}
	t.print(a.out, "")
}

// addRow adds what is said of a row of a file, one text a line.
func (t *table) addRow(row int, key string, texts []string) {
	for i, text := range texts {
		if i > 0 {
			t.add("", "", text)
			continue
		}
		t.add(number(row), or(key, none), text)
	}
}

func (a *app) feedReleaseCommand() *cobra.Command {
	var f decisionFlags
	command := leaf("release FEED|IMPORT", "Let a held file take effect",
		`Let a held file take effect. A file is held whole when too many people are missing
or too many rows are rejected, because then it is more likely wrong than right.
Look at tenure feed status and tenure feed rejects first.`,
		`  tenure feed release hr --reason 'the works council asked HR to remove the agency staff'`,
		func(c *cobra.Command, args []string) error {
			decision, err := a.decision(f)
			if err != nil {
				return err
			}
			api, found, err := a.findImport(c.Context(), args[0])
			if err != nil {
				return err
			}
			released, err := post[httpapi.Import](c.Context(), api, importPath(found)+"/release", decision, call{})
			if err != nil {
				return err
			}
			if released, err = a.follow(c.Context(), api, released); err != nil {
				return err
			}
			if a.wantsJSON() {
				return a.json(released)
			}
			a.printImport(released)
			return nil
		})
	f.add(command)
	return command
}

func importPath(i httpapi.Import) string {
	return "/v1/feeds/" + url.PathEscape(i.Feed) + "/imports/" + url.PathEscape(i.ID)
}

// findImport finds an import by its ID, or the last one of a feed by its name.
func (a *app) findImport(ctx context.Context, name string) (*client, httpapi.Import, error) {
	api, err := a.client()
	if err != nil {
		return nil, httpapi.Import{}, err
	}
	feeds, err := get[[]httpapi.FeedStatus](ctx, api, "/v1/feeds", nil)
	if err != nil {
		return nil, httpapi.Import{}, err
	}
	var names []string
	for _, feed := range feeds {
		if feed.Name == name && feed.LastImport == nil {
			return nil, httpapi.Import{}, fmt.Errorf("the feed %s has taken in no file yet", name)
		}
		if feed.Name == name {
			return api, *feed.LastImport, nil
		}
		names = append(names, feed.Name)
	}
	for _, feed := range names {
		imports, err := get[[]httpapi.Import](ctx, api, "/v1/feeds/"+url.PathEscape(feed)+"/imports", nil)
		if err != nil {
			return nil, httpapi.Import{}, err
		}
		for _, i := range imports {
			if i.ID == name {
				return api, i, nil
			}
		}
	}
	return nil, httpapi.Import{}, &remedied{
		cause:  fmt.Errorf("there is no feed and no import %q", name),
		remedy: "the feeds are " + or(strings.Join(names, ", "), "none at all") + "; tenure feed status shows them",
	}
}

// follow waits until a file that is being sent is sent. The rejects and the
// absent stand in the first answer only, and are kept.
func (a *app) follow(ctx context.Context, api *client, first httpapi.Import) (httpapi.Import, error) {
	if first.Finished() {
		return first, nil
	}
	bar := a.progress("people sent", first.Total)
	last, err := a.poll(ctx, api, first, bar)
	bar.end()
	if ctx.Err() != nil {
		a.errs.line("The import %s goes on without this command: tenure feed status shows how far it is.", first.ID)
	}
	last.Rejects, last.Remarks, last.Absent = first.Rejects, first.Remarks, first.Absent
	return last, err
}

func (a *app) poll(ctx context.Context, api *client, i httpapi.Import, bar *progress) (httpapi.Import, error) {
	ticker := time.NewTicker(a.env.Poll)
	defer ticker.Stop()
	for !i.Finished() {
		select {
		case <-ctx.Done():
			return i, ctx.Err()
		case <-ticker.C:
		}
		var next httpapi.Import
		if _, err := api.do(ctx, call{method: http.MethodGet, path: importPath(i)}, &next); err != nil {
			return i, err
		}
		i = next
		bar.to(i.Sent)
	}
	return i, nil
}
