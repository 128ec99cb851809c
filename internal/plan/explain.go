package plan

import (
	"strings"
	"time"
)

const explainLayout = "2006-01-02 15:04"

// Explain says a line in one sentence: when, local and UTC, what, where it
// stands and why. It holds no personal data beyond dates.
func Explain(line Line) string {
	var b strings.Builder
	b.WriteString(localTime(line.Due, line.Zone))
	b.WriteString(" (" + line.Due.UTC().Format("01-02 15:04") + " UTC) ")
	b.WriteString(line.Workflow + ": " + line.Task + " - " + string(line.State))
	if line.State == Finished && !line.At.IsZero() {
		b.WriteString(" " + line.At.UTC().Format(explainLayout) + " UTC")
	}
	if line.Code != "" {
		b.WriteString(" [" + line.Code + "]")
	}
	if !line.Retry.IsZero() && line.State == ParkedState {
		b.WriteString(", tried again " + line.Retry.UTC().Format(explainLayout) + " UTC")
	}
	b.WriteString(" - " + line.Reason)
	return b.String()
}

func localTime(t time.Time, zone string) string {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return t.UTC().Format(explainLayout) + " UTC"
	}
	return t.In(location).Format(explainLayout) + " " + zone
}
