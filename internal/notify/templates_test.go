package notify_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/notify"
)

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func sampleValues(t *testing.T) notify.Values {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatalf("load zone: %v", err)
	}
	return notify.Values{
		"recipientDisplayName":          notify.Text("Björn Straße"),
		"user.displayName":              notify.Text("Zoë O'Brien <Sales & Co>"),
		"user.employeeHireDate":         notify.Date(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)),
		"user.userPrincipalName":        notify.Text("zoe.obrien@contoso.example"),
		"temporaryAccessPass":           notify.Text("Ab3$xY9&z"),
		"temporaryAccessPassStart":      notify.Instant(time.Date(2026, 12, 1, 8, 0, 0, 0, berlin)),
		"temporaryAccessPassEnd":        notify.Instant(time.Date(2026, 12, 1, 16, 0, 0, 0, berlin)),
		"initialPassword":               notify.Text("Kd7wR-Tq9px"),
		"initialPasswordStart":          notify.Instant(time.Date(2026, 12, 1, 8, 0, 0, 0, berlin)),
		"initialPasswordEnd":            notify.Instant(time.Date(2026, 12, 3, 8, 0, 0, 0, berlin)),
		"user.department":               notify.Text("Sales"),
		"before.department":             notify.Text("Support"),
		"fallbackReason":                notify.Text("the manager has no mailbox"),
		"fallbackTask":                  notify.Text("sendEmailOnLastDay"),
		"user.employeeLeaveDateTime":    notify.Date(time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC)),
		"changeEffectiveDate":           notify.Date(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)),
		"user.employeeOrgData/division": notify.Text("West"),
	}
}

func defaults(t *testing.T) *notify.Templates {
	t.Helper()
	tmpl, err := notify.Default()
	if err != nil {
		t.Fatalf("Default() error = %v", err)
	}
	return tmpl
}

func TestDefaultsAreCompleteInEveryLocale(t *testing.T) {
	t.Parallel()
	tmpl := defaults(t)
	for _, name := range notify.Names() {
		if diff := cmp.Diff([]string{"de", "en", "fr"}, tmpl.Locales(name)); diff != "" {
			t.Errorf("Locales(%s) mismatch (-want +got):\n%s", name, diff)
		}
		for _, locale := range []string{"de", "en", "fr"} {
			got, err := tmpl.Render(name, locale, sampleValues(t))
			if err != nil {
				t.Errorf("Render(%s, %s) error = %v", name, locale, err)
				continue
			}
			for part, s := range map[string]string{"subject": got.Subject, "text": got.Text, "html": got.HTML} {
				if strings.Contains(s, "{{") || strings.TrimSpace(s) == "" {
					t.Errorf("Render(%s, %s) %s is empty or holds a token:\n%s", name, locale, part, s)
				}
			}
			if !strings.Contains(got.HTML, "Zoë O&#39;Brien &lt;Sales &amp; Co&gt;") && name != notify.SendWelcomeEmail {
				t.Errorf("Render(%s, %s) html does not hold the escaped name:\n%s", name, locale, got.HTML)
			}
		}
	}
}

func TestPassMailSaysThatEarlierPassesAreVoid(t *testing.T) {
	t.Parallel()
	words := map[string]string{
		"en": "Any earlier pass for this person is void",
		"de": "Jeder frühere Pass für diese Person ist ungültig",
		"fr": "Tout passe antérieur pour cette personne est nul",
	}
	for _, name := range []string{notify.GenerateTemporaryAccessPass, notify.GenerateTemporaryAccessPassFallback} {
		for locale, want := range words {
			got, err := defaults(t).Render(name, locale, sampleValues(t))
			if err != nil {
				t.Fatalf("Render(%s, %s) error = %v", name, locale, err)
			}
			if !strings.Contains(got.Text, want) || !strings.Contains(got.HTML, want) {
				t.Errorf("Render(%s, %s) does not say %q in both parts", name, locale, want)
			}
			if !strings.Contains(got.Text, "Ab3$xY9&z") || !strings.Contains(got.HTML, "Ab3$xY9&amp;z") {
				t.Errorf("Render(%s, %s) does not show the pass in both parts", name, locale)
			}
			if strings.Contains(got.Subject, "Ab3") {
				t.Errorf("Render(%s, %s) subject shows the pass: %q", name, locale, got.Subject)
			}
		}
	}
}

func TestPassMailNeedsItsPass(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]notify.Value{
		"absent": {}, "two lines": notify.Text("Ab3\nxY9"), "too long": notify.Text(strings.Repeat("k", 300)),
	} {
		values := sampleValues(t)
		values["temporaryAccessPass"] = value
		_, err := defaults(t).Render(notify.GenerateTemporaryAccessPass, "en", values)
		if !errors.Is(err, notify.ErrRejected) {
			t.Errorf("%s: Render error = %v, want ErrRejected", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "xY9") {
			t.Errorf("%s: the error shows the pass: %v", name, err)
		}
	}
}

func TestLocaleFallback(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{
		"sendEmailOnLastDay/de-AT.subject.txt": file("Servus\n"),
		"sendEmailOnLastDay/de-AT.txt":         file("Text\n"),
		"sendEmailOnLastDay/de-AT.html":        file("<p>Text</p>\n"),
	}
	tmpl, err := notify.Load(folder)
	if err != nil {
		t.Fatalf("Load error = %v", err)
	}
	for locale, want := range map[string]string{
		"de_AT": "de-at", "de-at": "de-at", "de-AT-1996": "de-at", "de-CH": "de", "fr": "fr", "nl-NL": "en", "": "en",
		"../de": "en", "-": "en",
	} {
		got, err := tmpl.Render(notify.SendEmailOnLastDay, locale, nil)
		if err != nil {
			t.Errorf("Render(%q) error = %v", locale, err)
			continue
		}
		if got.Locale != want {
			t.Errorf("Render(%q) used locale %q, want %q", locale, got.Locale, want)
		}
	}
}

func TestOverrideReplacesEmbedded(t *testing.T) {
	t.Parallel()
	tmpl, err := notify.Load(fstest.MapFS{
		"sendEmailOnLastDay/en.subject.txt": file("Bye {{userDisplayName}}\r\n"),
		"sendEmailOnLastDay/en.txt":         file("\uFEFFDivision {{ user.employeeOrgData/division }}\r\n"),
		"sendEmailOnLastDay/en.html":        file("<p>{{user.displayName}} {{user.jobTitle}}</p>"),
		"sendEmailOnLastDay/.keep":          file(""),
		".git/config":                       file(""),
	})
	if err != nil {
		t.Fatalf("Load error = %v", err)
	}
	got, err := tmpl.Render(notify.SendEmailOnLastDay, "en", sampleValues(t))
	if err != nil {
		t.Fatalf("Render error = %v", err)
	}
	want := notify.Rendered{
		Subject: "Bye Zoë O'Brien <Sales & Co>",
		Text:    "Division West\n",
		HTML:    "<p>Zoë O&#39;Brien &lt;Sales &amp; Co&gt; –</p>",
		Locale:  "en",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Render mismatch (-want +got):\n%s", diff)
	}
}

func TestLoadReportsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := notify.Load(fstest.MapFS{
		"README.md":                                  file("x"),
		"sendEmailOnLastDai/en.txt":                  file("x"),
		"sendEmailOnLastDay/notes.md":                file("x"),
		"sendEmailOnLastDay/nl.txt":                  file("x"),
		"sendWelcomeEmail/en.subject.txt":            file("Hi {{user.displayNam}}\nX-Header: y"),
		"sendWelcomeEmail/en.txt":                    file("ok\nline two {{if .X}} and {{temporaryAccessPass}}\n{{open"),
		"sendWelcomeEmail/en.html":                   file("<p>\n<a href=\"{{user.mail}}\">x</a><script>1</script></p>}}"),
		"sendEmailAfterLastDay/de-AT.txt":            file("x"),
		"sendEmailAfterLastDay/de_at.txt":            file("x"),
		"generateTemporaryAccessPass/en.txt":         file("no pass"),
		"generateTemporaryAccessPass/en.html":        file("<p>{{temporaryAccessPass}}</p>"),
		"generateTemporaryAccessPass/en.subject.txt": file("{{temporaryAccessPass}}"),
	})
	if err == nil {
		t.Fatal("Load error = nil, want problems")
	}
	for _, want := range []string{
		"README.md: a file outside a template's folder",
		`sendEmailOnLastDai: unknown template; did you mean "sendEmailOnLastDay"?`,
		"sendEmailOnLastDay/notes.md: the name is not LOCALE.subject.txt",
		"sendEmailOnLastDay/nl.subject.txt: missing",
		"sendEmailOnLastDay/nl.html: missing",
		`sendEmailAfterLastDay/de_at.txt: the locale exists twice, also as "de-AT"`,
		`sendWelcomeEmail/en.subject.txt:1: unknown token "{{user.displayNam}}"; did you mean "{{user.displayName}}"?`,
		"sendWelcomeEmail/en.subject.txt:1: a subject is one line of text: control character",
		`sendWelcomeEmail/en.txt:2: "{{if .X}}" is not a token`,
		`sendWelcomeEmail/en.txt:2: unknown token "{{temporaryAccessPass}}"`,
		`sendWelcomeEmail/en.txt:3: "{{" without "}}" after it`,
		"sendWelcomeEmail/en.html:2: a token stands inside a tag or a comment",
		"sendWelcomeEmail/en.html:2: <script> is not allowed in a mail",
		`sendWelcomeEmail/en.html:2: "}}" without "{{" before it`,
		`generateTemporaryAccessPass/en.txt:1: must use the token "{{temporaryAccessPass}}"`,
		`generateTemporaryAccessPass/en.subject.txt:1: a subject must not contain "{{temporaryAccessPass}}"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Load error does not say %q; got:\n%v", want, err)
		}
	}
}

func TestValuesCannotForgeStructure(t *testing.T) {
	t.Parallel()
	evil := "Eve\r\nBcc: all@contoso.example\n\n<b>{{temporaryAccessPass}}</b>\u202e\u0000"
	values := sampleValues(t)
	values["user.displayName"] = notify.Text(evil)
	got, err := defaults(t).Render(notify.GenerateTemporaryAccessPass, "en", values)
	if err != nil {
		t.Fatalf("Render error = %v", err)
	}
	line := "Eve Bcc: all@contoso.example <b>{{temporaryAccessPass}}</b>"
	if want := "Temporary access pass for " + line; got.Subject != want {
		t.Errorf("subject = %q, want %q", got.Subject, want)
	}
	if !slices.ContainsFunc(strings.Split(got.Text, "\n"), func(s string) bool { return strings.HasPrefix(s, line) }) {
		t.Errorf("text does not hold the value on one line, unexpanded:\n%s", got.Text)
	}
	if strings.Contains(got.HTML, "<b>") {
		t.Errorf("html holds an element from a value:\n%s", got.HTML)
	}
}

// TestEncodedWordsAreBrokenInSubjectsOnly: a reader of mail decodes them in headers; a pass may hold the same characters
// and must arrive as it is.
func TestEncodedWordsAreBrokenInSubjectsOnly(t *testing.T) {
	t.Parallel()
	const word, pass = "=?utf-8?q?Chief=0D=0AExecutive?=", "aB=?9xY"
	values := sampleValues(t)
	values["user.displayName"], values["temporaryAccessPass"] = notify.Text(word), notify.Text(pass)
	got, err := defaults(t).Render(notify.GenerateTemporaryAccessPass, "en", values)
	if err != nil {
		t.Fatalf("Render error = %v", err)
	}
	if strings.Contains(got.Subject, "=?") || !strings.Contains(got.Subject, "= ?utf-8") {
		t.Errorf("subject = %q, want no encoded word", got.Subject)
	}
	if !strings.Contains(got.Text, pass) || !strings.Contains(got.HTML, pass) {
		t.Errorf("the pass does not stand in the text as it is:\n%s", got.Text)
	}
}

func TestSubjectIsBounded(t *testing.T) {
	t.Parallel()
	values := sampleValues(t)
	values["user.displayName"] = notify.Text(strings.Repeat("é", 1000))
	got, err := defaults(t).Render(notify.SendEmailOnLastDay, "en", values)
	if err != nil {
		t.Fatalf("Render error = %v", err)
	}
	if n := len([]rune(got.Subject)); n > 200 {
		t.Errorf("subject has %d characters, want at most 200", n)
	}
	if !strings.HasSuffix(got.Subject, "…") {
		t.Errorf("subject = %q, want a cut mark at its end", got.Subject)
	}
}

func TestUnknownTemplate(t *testing.T) {
	t.Parallel()
	if _, err := defaults(t).Render("sendNothing", "en", nil); !errors.Is(err, notify.ErrRejected) {
		t.Errorf("Render error = %v, want ErrRejected", err)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	zone := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatalf("load zone %s: %v", name, err)
		}
		return loc
	}
	day := notify.Date(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	at := func(name string) notify.Value {
		return notify.Instant(time.Date(2026, 7, 14, 8, 30, 0, 0, zone(name)))
	}
	cases := []struct {
		locale string
		value  notify.Value
		want   string
	}{
		{"en", day, "Tuesday, 1 December 2026 (2026-12-01)"},
		{"de", day, "Dienstag, 1. Dezember 2026 (2026-12-01)"},
		{"fr", day, "mardi 1er décembre 2026 (2026-12-01)"},
		{"nl", day, "2026-12-01"},
		{"en", at("Europe/Berlin"), "Tuesday, 14 July 2026, 08:30 Berlin time (2026-07-14 08:30 UTC+02:00)"},
		{"de", at("Europe/Berlin"), "Dienstag, 14. Juli 2026, 08:30 Uhr, Ortszeit Berlin (2026-07-14 08:30 UTC+02:00)"},
		{"fr", at("Europe/Paris"), "mardi 14 juillet 2026, 08:30 heure locale (Paris) (2026-07-14 08:30 UTC+02:00)"},
		{"en", at("America/Argentina/Buenos_Aires"), "Tuesday, 14 July 2026, 08:30 Buenos Aires time (2026-07-14 08:30 UTC-03:00)"},
		{"en", at("UTC"), "Tuesday, 14 July 2026, 08:30 Coordinated Universal Time (2026-07-14 08:30 UTC+00:00)"},
		{"en", at("Etc/GMT-14"), "Tuesday, 14 July 2026, 08:30 UTC+14:00 time (2026-07-14 08:30 UTC+14:00)"},
		{"nl", at("Europe/Amsterdam"), "2026-07-14 08:30 UTC+02:00"},
		{"en", notify.Date(time.Time{}), "–"},
	}
	for _, c := range cases {
		tmpl, err := notify.Parse("t", c.locale, notify.Source{Subject: "s", Text: "{{d}}", HTML: "h"}, notify.NewTokens("d"))
		if err != nil {
			t.Fatalf("Parse error = %v", err)
		}
		got, err := tmpl.Render(notify.Values{"d": c.value})
		if err != nil {
			t.Fatalf("Render error = %v", err)
		}
		if got.Text != c.want {
			t.Errorf("%s: got %q, want %q", c.locale, got.Text, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"Hello {{user.displayName}}", "{{", "}}", "{{{{a}}}}", "<a href={{user.mail}}>", "<!-- {{x}} -->", "<title>{{user.mail}}"} {
		f.Add(s, "value <b>\r\n")
	}
	tokens := notify.CommonTokens()
	f.Fuzz(func(t *testing.T, body, value string) {
		tmpl, err := notify.Parse("fuzz", "en", notify.Source{Subject: "s {{user.mail}}", Text: body, HTML: body}, tokens)
		if err != nil {
			return
		}
		values := notify.Values{}
		for _, name := range tokens.Names() {
			values[name] = notify.Text(value)
		}
		got, err := tmpl.Render(values)
		if err != nil {
			t.Fatalf("Render of an accepted template error = %v", err)
		}
		if strings.Count(got.Text, "\n") != strings.Count(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
			t.Errorf("a value added or removed lines: %q with %q gives %q", body, value, got.Text)
		}
		if strings.Count(got.HTML, "<") != strings.Count(body, "<") || strings.Count(got.HTML, ">") != strings.Count(body, ">") {
			t.Errorf("a value added markup: %q with %q gives %q", body, value, got.HTML)
		}
		if strings.ContainsAny(got.Subject, "\r\n\x00") {
			t.Errorf("subject holds a control character: %q", got.Subject)
		}
	})
}
