package workflows

import (
	"fmt"
	"strings"
	"time"

	"tenure/internal/plan"
)

// maxDetails keeps the description inside the server's 20 000 bytes.
const maxDetails = 16_000

// details is the live description in the Temporal Web UI: a Markdown table that
// a reader understands who knows nothing of the code. It is pure.
func details(s State, last plan.Result, flights []*flight) string {
	var b strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, cell(value))
		}
	}
	b.WriteString("| | |\n|---|---|\n")
	row("Phase", string(last.Phase))
	row("Next", nextText(last))
	row("Zone", last.Zone)
	row("Policy version", fmt.Sprint(last.PolicyVersion))
	for _, account := range s.Facts.Accounts {
		row("Account in "+account.Target, accountText(account))
	}
	if hold := s.Facts.Overrides.Hold; hold != nil {
		row("Held", "since "+stamp(hold.At)+" by "+hold.Actor)
	}
	if blocked := s.Facts.Overrides.Blocked; blocked != nil {
		row("Terminated", "by hand at "+stamp(blocked.At)+" by "+blocked.Actor)
	}
	for _, f := range flights {
		row("Doing now", summary(f.batch)+", since "+stamp(f.started))
	}
	for _, parked := range s.Facts.Parked {
		row("Parked", parkedText(parked))
	}
	for _, attention := range s.attention(last.Attention) {
		row("**Attention**", strings.TrimSpace(attention.Text+" "+code(attention.Key)))
	}
	text := b.String()
	if len(text) > maxDetails {
		return strings.ToValidUTF8(text[:maxDetails], "") + "\n\n... cut; `tenure people show` has the rest"
	}
	return text
}

func nextText(last plan.Result) string {
	if last.Next.IsZero() {
		return "nothing is planned: sleeps until HR or a human says something"
	}
	return stamp(last.Next) + ": " + last.NextWhat
}

func accountText(account plan.Account) string {
	text := string(account.State)
	if account.State == plan.AccountUnknown {
		text = "not looked at"
	}
	if account.ID != "" {
		text += ", object " + account.ID
	}
	if account.WaitingFor != "" {
		text += ", waits for its manager"
	}
	return text
}

func parkedText(parked plan.Parked) string {
	text := fmt.Sprintf("%s: %s, %d attempts since %s", code(parked.Key), parked.Code, parked.Attempts, stamp(parked.Since))
	if parked.Detail != "" {
		text += ": " + parked.Detail
	}
	if parked.Retry.IsZero() {
		return text + "; waits for a human: retry or skip"
	}
	return text + "; tried again at " + stamp(parked.Retry)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func code(key string) string {
	if key == "" {
		return ""
	}
	return "`" + key + "`"
}

// cell keeps a value inside its table cell.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "\r", " ").Replace(text)
}
