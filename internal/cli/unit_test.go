package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure/internal/httpapi"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30d": 30 * day, "2w": 14 * day, "12h": 12 * time.Hour, "90m": 90 * time.Minute, "1h30m": 90 * time.Minute, "1d": day,
		"": 0, "0d": 0, "-3d": 0, "-2h": 0, "d": 0, "3": 0, "1.5d": 0, "21y": 0, "8000d": 0, "9223372036854775807d": 0, "99999999999999999999w": 0,
	} {
		got, err := parseDuration(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("parseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseInstant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-12-01T09:00:00Z":           "2026-12-01T09:00:00Z",
		"2026-12-01T09:00Z":              "2026-12-01T09:00:00Z",
		"2026-12-01T09:00:00+01:00":      "2026-12-01T08:00:00Z",
		"2026-12-01 09:00 Europe/Berlin": "2026-12-01T08:00:00Z",
		"2026-07-01T09:00 Europe/Berlin": "2026-07-01T07:00:00Z",
		"2026-12-01 09:00 UTC":           "2026-12-01T09:00:00Z",
		"2027-03-28 02:30 Europe/Berlin": "", // clocks go from 02:00 to 03:00
		"2026-12-01 09:00":               "",
		"2026-12-01":                     "",
		"2026-12-01 09:00 Local":         "",
		"2026-12-01 09:00 Mars/Olympus":  "",
		"tomorrow":                       "",
		"":                               "",
	} {
		at, err := parseInstant(text)
		got := ""
		if err == nil {
			got = at.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("parseInstant(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]httpapi.PersonID{
		"1001":           {Realm: "main", Key: "1001"},
		"main/1001":      {Realm: "main", Key: "1001"},
		"subsidiary/A/7": {Realm: "subsidiary", Key: "A/7"},
		"Straße 7":       {Realm: "main", Key: "Straße 7"},
		"":               {},
		"/1001":          {},
		"main/":          {},
		"10\x1b01":       {},
	} {
		got, err := parseID(text)
		if got != want || (err == nil) != (want.Key != "") {
			t.Errorf("parseID(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestIDsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := httpapi.PersonID{
			Realm: rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "realm"),
			Key:   rapid.StringMatching(`[A-Za-z0-9 ./%'-]{1,20}`).Draw(t, "key"),
		}
		if got, err := parseID(showID(id)); err != nil || got != id {
			t.Errorf("parseID(showID(%v)) = %v, %v", id, got, err)
		}
	})
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"account:entra/1001/0/create": "account:entra/1001/0/create",
		"Last day/1001/0":             "'Last day/1001/0'",
		"O'Brien":                     `'O'\''Brien'`,
		"$(reboot)":                   "'$(reboot)'",
		"":                            "''",
	} {
		if got := quoted(text); got != want {
			t.Errorf("quoted(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Zoë Łukasiewicz":       "Zoë Łukasiewicz",
		"山田 太郎":                 "山田 太郎",
		"می\u200cخواهم":         "می\u200cخواهم",
		"a\x1b[31mb\nc\td\re":   `a\x1b[31mb\nc\td\re`,
		"\u202eabc\u2066\u200b": `\u202eabc\u2066\u200b`,
		"\u009b31m\xff\x7f":     `\x9b31m\xff\x7f`,
		"\U000e0041\ue000":      `\U000e0041\ue000`,
		"soft\u00adhyphen":      `soft\xadhyphen`,
		"line\u2028separator":   `line\u2028separator`,
		"nbsp\u00a0":            `nbsp\xa0`,
	} {
		if got := clean(text); got != want {
			t.Errorf("clean(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestNothingReachesATerminalRaw: whatever HR wrote, lines, tables and JSON hold
// nothing that a terminal would obey, and JSON still means the same.
func TestNothingReachesATerminalRaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var b bytes.Buffer
		a := &app{out: &printer{w: &b, width: rapid.IntRange(0, 90).Draw(t, "width")}}
		a.out.line("%s", text)
		a.out.text("  "+text, text)
		rows := newTable("HEAD", "LAST")
		rows.add(text, text)
		rows.print(a.out, "  ")
		for line := range strings.Lines(b.String()) {
			if !isClean(strings.TrimSuffix(line, "\n")) {
				t.Fatalf("line %q holds what a terminal obeys", line)
			}
		}
		b.Reset()
		if err := a.json(map[string]string{"text": text}); err != nil {
			t.Fatal(err)
		}
		if !isClean(strings.ReplaceAll(b.String(), "\n", "")) {
			t.Fatalf("JSON %q holds what a terminal obeys", b.String())
		}
		var back map[string]string
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || back["text"] != strings.ToValidUTF8(text, "\ufffd") {
			t.Fatalf("JSON %q reads back as %q, %v", b.String(), back, err)
		}
	})
}

func TestTable(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	rows := newTable("NAME", "N", "REASON")
	rows.add("山田", "1", "wide letters take two cells each, and the last column is broken")
	rows.add("Zoe\u0308", "22", "a combining accent takes none")
	rows.print(&printer{w: &b, width: 40}, "")
	want := `NAME  N   REASON
山田  1   wide letters take two cells
          each, and the last column is
          broken
Zoe` + "\u0308" + `   22  a combining accent takes none
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestWrapKeepsEveryWord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[a-zß漢]{1,30}`)).Draw(t, "words")
		width := rapid.IntRange(narrowest, 60).Draw(t, "width")
		lines := wrap(strings.Join(words, " "), width)
		if got, want := strings.Join(lines, " "), strings.Join(words, " "); got != want {
			t.Fatalf("wrap changed the text: got %q, want %q", got, want)
		}
		for _, line := range lines {
			if columns(line) > width && strings.Contains(line, " ") {
				t.Fatalf("line %q takes %d of %d columns", line, columns(line), width)
			}
		}
	})
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"short", 10, "short"}, {"exactly ten", 11, "exactly ten"}, {"rather long", 6, "rathe…"}, {"山田太郎", 5, "山田…"}} {
		if got := shorten(c.text, c.most); got != c.want || columns(got) > c.most {
			t.Errorf("shorten(%q, %d) = %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

func TestNextCursor(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		`</v1/people?cursor=a%2Fb&limit=5>; rel="next"`:              "a/b",
		`<https://elsewhere.example/v1/people?cursor=x>; rel="next"`: "x",
		`</v1/people?cursor=a>; rel="prev"`:                          "",
		"":                                                           "",
		"garbage":                                                    "",
	} {
		if got := nextCursor(link); got != want {
			t.Errorf("nextCursor(%q) = %q, want %q", link, got, want)
		}
	}
}

func TestShowDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 90 * time.Second: "90 s", 5 * time.Minute: "5 min", 3 * time.Hour: "3 h", 47 * time.Hour: "47 h", 10 * day: "10 d",
	} {
		if got := showDuration(d); got != want {
			t.Errorf("showDuration(%v) = %q, want %q", d, got, want)
		}
	}
}

// What takes the account in another target with it stands by itself in a preview,
// right behind what is due at once.
func TestPreviewNamesWhatDeletes(t *testing.T) {
	t.Parallel()
	line := func(change, deletes string) httpapi.PersonChanges {
		return httpapi.PersonChanges{Lines: []httpapi.LineChange{{Change: change, Workflow: "account:corp", Task: "update", Deletes: deletes}}}
	}
	var got []string
	for _, group := range changeGroups([]httpapi.PersonChanges{
		line("added", ""), line("now deletes", "cloud"), line("newly due", "cloud"), line("newly due", ""),
	}) {
		got = append(got, group.change+": "+group.what)
	}
	want := []string{
		"newly due: account:corp: update", "newly due: account:corp: update, deletes the account in cloud",
		"now deletes: account:corp: update, deletes the account in cloud", "added: account:corp: update",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
