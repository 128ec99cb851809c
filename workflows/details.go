package workflows

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tenure/activities"
	"tenure/internal/plan"
)

// maxDetails keeps the description inside the server's 20 000 bytes.
const maxDetails = 16_000

// details is the live description in the Temporal Web UI: a Markdown table that
// a reader understands who knows nothing of the code. It is pure.
func details(s State, last plan.Result, flights []*flight) string {
	rows := []string{"| | |", "|---|---|"}
	row := func(name, value string) {
		if value != "" {
			rows = append(rows, "| "+name+" | "+value+" |")
		}
	}
	row("Phase", plain(string(last.Phase)))
	row("Next", nextText(last))
	row("Zone", plain(last.Zone))
	if last.PolicyVersion > 0 {
		row("Policy version", strconv.Itoa(last.PolicyVersion))
	}
	for _, account := range s.Facts.Accounts {
		row("Account in "+plain(account.Target), accountText(account))
	}
	row("Held", heldText(&s.Facts.Overrides))
	if blocked := s.Facts.Overrides.Blocked; blocked != nil {
		row("Terminated", "by hand at "+stamp(blocked.At)+" by "+plain(blocked.Actor))
	}
	for _, f := range flights {
		row("Doing now", plain(summary(f.batch))+", since "+stamp(f.started))
	}
	for _, wait := range last.Waits {
		row("Waits for", plain(wait.For)+", since "+stamp(wait.Since)+", due by "+stamp(wait.Until)+" "+code(wait.Key))
	}
	for _, parked := range s.Facts.Parked {
		row("Parked", parkedText(parked))
	}
	for _, attention := range s.attention(last.Attention) {
		row("**Attention**", strings.TrimSpace(plain(attention.Text)+" "+code(attention.Key)))
	}
	return joinRows(rows)
}

// joinRows leaves out the rows that do not fit.
func joinRows(rows []string) string {
	size := 0
	for i, row := range rows {
		if size += len(row) + 1; size > maxDetails {
			return strings.Join(rows[:i], "\n") + "\n\n" + strconv.Itoa(len(rows)-i) + " more: `tenure people show` has them\n"
		}
	}
	return strings.Join(rows, "\n") + "\n"
}

func nextText(last plan.Result) string {
	if last.Next.IsZero() {
		return "nothing is planned: sleeps until HR or a human says something"
	}
	return stamp(last.Next) + ": " + plain(last.NextWhat)
}

func accountText(account plan.Account) string {
	text := string(account.State)
	if account.State == plan.AccountUnknown {
		text = "not looked at"
	}
	if account.ID != "" {
		text += ", object " + code(account.ID)
	}
	if account.Synced {
		text += ", mastered on premises"
	}
	if account.Protected != "" {
		text += ", protected: " + plain(account.Protected)
	}
	if account.WaitingFor != "" {
		text += ", waits for its manager"
	}
	return text
}

func parkedText(parked plan.Parked) string {
	text := fmt.Sprintf("%s: %s, %d attempts since %s", code(parked.Key), plain(parked.Code), parked.Attempts, stamp(parked.Since))
	if parked.Detail != "" {
		text += ": " + plain(parked.Detail)
	}
	if parked.Code == activities.CodeGated {
		return text + "; waits until somebody decides about the gate"
	}
	if parked.Retry.IsZero() {
		return text + "; waits for a human: retry or skip"
	}
	return text + "; tried again at " + stamp(parked.Retry)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// code is a key to be copied, in a code span inside a table cell.
func code(key string) string {
	if key == "" {
		return ""
	}
	return "`" + strings.NewReplacer("`", "'", "|", "\\|", "\n", " ", "\r", " ").Replace(key) + "`"
}

// plain shows text of others as it is: a vendor's message or a name must not
// become a link, a picture or a row of its own.
func plain(text string) string {
	return strings.NewReplacer(
		"\n", " ", "\r", " ", "&", "&amp;", "<", "&lt;", ">", "&gt;", "://", "&#58;//", "www.", "www&#46;",
		"\\", "\\\\", "|", "\\|", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "!", "\\!", "~", "\\~",
	).Replace(text)
}
