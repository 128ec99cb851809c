package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

// importFlags are what is said about a file.
type importFlags struct {
	feed, asOf, actor string
	dryRun            bool
}

func (a *app) feedImportCommand() *cobra.Command {
	var f importFlags
	command := leaf("import FILE", "Read a file of HR",
		`Read a file of HR, and send what is new in it to the journeys. The same file again
changes nothing.

A file needs a date of truth: the time at which what it says was so. The feed says
where it stands (a column, or the name of the file); --as-of states it. A file with
many people missing or many rejected rows is held whole until a human releases it.

It ends with 3 when rows were rejected or the file is held, and says what to do.`,
		`  tenure feed import people.csv
  tenure feed import people.csv --as-of 2026-11-21 --dry-run
  tenure feed import people.csv --feed hr --as-of 2026-11-21T18:00:00Z`,
		func(c *cobra.Command, args []string) error { return a.importFile(c.Context(), args[0], f) })
	flags := command.Flags()
	flags.StringVar(&f.feed, "feed", "", "`name` of the feed (default: the only csv feed)")
	flags.StringVar(&f.asOf, "as-of", "", "the date of truth: a `time` such as 2026-11-21T18:00:00Z, or a day")
	flags.BoolVar(&f.dryRun, "dry-run", false, "report what would happen; keep and send nothing")
	flags.StringVar(&f.actor, "actor", "", "`who` imports (default: whose token it is, else who runs this command)")
	return command
}

func (a *app) importFile(ctx context.Context, name string, f importFlags) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	if f.actor, err = a.actor(f.actor); err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Size() > httpapi.MaxImportBytes {
		return fmt.Errorf("read file %s: it has %d bytes, at most %d are allowed", name, info.Size(), httpapi.MaxImportBytes)
	}
	if f.feed == "" {
		if f.feed, err = onlyFileFeed(ctx, api); err != nil {
			return err
		}
	}
	done, err := f.send(ctx, api, file)
	if err != nil {
		return err
	}
	if done, err = a.follow(ctx, api, done); err != nil {
		return err
	}
	return a.reportImport(done)
}

// send uploads the file.
func (f importFlags) send(ctx context.Context, api *client, file *os.File) (httpapi.Import, error) {
	query := url.Values{"fileName": {filepath.Base(file.Name())}, "actor": {f.actor}}
	if f.asOf != "" {
		query.Set("asOf", f.asOf)
	}
	if f.dryRun {
		query.Set("dryRun", "true")
	}
	var done httpapi.Import
	_, err := api.do(ctx, call{
		method: http.MethodPost, path: "/v1/feeds/" + url.PathEscape(f.feed) + "/imports", query: query,
		body: file, contentType: "text/csv", within: longWithin,
	}, &done)
	return done, err
}

// onlyFileFeed is the feed that is meant where there is one of files only.
func onlyFileFeed(ctx context.Context, api *client) (string, error) {
	feeds, err := get[[]httpapi.FeedStatus](ctx, api, "/v1/feeds", nil)
	if err != nil {
		return "", err
	}
	var names []string
	for _, feed := range feeds {
		if feed.Kind == "csv" {
			names = append(names, feed.Name)
		}
	}
	switch len(names) {
	case 0:
		return "", errors.New("the active policy has no csv feed; tenure feed status shows its feeds")
	case 1:
		return names[0], nil
	default:
		return "", usage("the policy has several csv feeds: add --feed with one of %s", strings.Join(names, ", "))
	}
}

// reportImport prints the report; a held file and rejected rows are findings.
func (a *app) reportImport(i httpapi.Import) error {
	if a.wantsJSON() {
		if err := a.json(i); err != nil {
			return err
		}
	} else {
		a.printImport(i)
	}
	if i.Rejected > 0 || len(i.HeldReasons) > 0 || i.State == httpapi.ImportHeld || i.State == httpapi.ImportRejected {
		return &findings{"rows were rejected, or the file is held"}
	}
	return nil
}

func (a *app) printImport(i httpapi.Import) {
	a.out.line("%s: %s, as of %s: %s", i.Feed, or(i.FileName, "file without a name"), showUTC(i.AsOf), importState(i))
	figures := newTable()
	figures.add("rows", number(i.Rows))
	figures.add("taken", number(i.Accepted)+unchanged(i))
	figures.add("rejected", number(i.Rejected))
	figures.add("people missing", number(i.Missing))
	figures.add("import", or(i.ID, none))
	figures.print(a.out, "  ")
	if i.Note != "" && i.State != httpapi.ImportHeld { // of a held one the end says more
		a.out.text("Note: ", i.Note)
	}
	if len(i.Rejects) > 0 {
		a.out.line("")
		a.out.line("Rows that were not taken:")
		a.printRejects(i.Rejects)
		if len(i.Rejects) < i.Rejected {
			a.out.line("These are the first %d of %d; tenure feed rejects %s lists all.", len(i.Rejects), i.Rejected, quoted(i.ID))
		}
	}
	if len(i.Remarks) > 0 {
		a.out.line("")
		a.out.line("Rows that were taken, and that somebody should look at:")
		a.printRemarks(i.Remarks)
	}
	if len(i.Absent) > 0 {
		a.out.line("")
		a.out.line("People whom the file lacks; nobody leaves because of that:")
		t := newTable("KEY", "FILES WITHOUT", "SINCE")
		for _, absent := range i.Absent {
			t.add(absent.Key, number(absent.Files), showUTC(absent.Since))
		}
		t.print(a.out, "")
	}
	a.out.line("")
	a.printNext(i)
}

func unchanged(i httpapi.Import) string {
	if i.Unchanged == 0 {
		return ""
	}
	return " (" + number(i.Unchanged) + " without news)"
}

func importState(i httpapi.Import) string {
	switch i.State {
	case httpapi.ImportHeld:
		return "HELD, nothing of it has taken effect"
	case httpapi.ImportAccepted:
		return "accepted"
	case httpapi.ImportRejected:
		return "REJECTED, nothing of it takes effect"
	case httpapi.ImportDryRun:
		return "dry run, nothing was kept or sent"
	case httpapi.ImportRunning:
		return fmt.Sprintf("being sent, %d of %d", i.Sent, i.Total)
	default:
		return i.State
	}
}

// printNext says what to do next.
func (a *app) printNext(i httpapi.Import) {
	switch {
	case i.State == httpapi.ImportHeld:
		a.printHeld(i)
	case len(i.HeldReasons) > 0:
		title := "It was held, and a human released it:"
		if i.State == httpapi.ImportDryRun {
			title = "The file would be held whole:"
		}
		a.out.line("%s", title)
		for _, reason := range i.HeldReasons {
			a.out.text("  - ", reason)
		}
	case i.Rejected > 0:
		a.out.text("What to do: ", "correct the rejected rows and import the file again; those that were taken are no news then")
	case i.State == httpapi.ImportDryRun:
		a.out.line("Import it without --dry-run to let it take effect.")
	default:
		a.out.line("tenure people list shows what is next for each.")
	}
}
