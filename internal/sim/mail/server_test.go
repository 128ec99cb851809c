package mail_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	netsmtp "net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/fault"
	"tenure/internal/sim/mail"
)

const apiKey = "SG.test"

func clock() func() time.Time {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	return func() time.Time {
		at = at.Add(time.Minute)
		return at
	}
}

func open(t *testing.T, dir string) *mail.Server {
	t.Helper()
	s, err := mail.New(mail.Options{Dir: dir, Now: clock(), APIKey: apiKey})
	if err != nil {
		t.Fatalf("New error = %v", err)
	}
	return s
}

func do(t *testing.T, s *mail.Server, method, target, body string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func apiHeader() map[string]string {
	return map[string]string{"Authorization": "Bearer " + apiKey, "Content-Type": "application/json"}
}

func sendBody(to, subject string) string {
	body, _ := json.Marshal(map[string]any{
		"from":             map[string]string{"email": "it@contoso.example", "name": "IT"},
		"personalizations": []any{map[string]any{"to": []any{map[string]string{"email": to, "name": "Zoë <b>"}}}},
		"subject":          subject,
		"content": []any{
			map[string]string{"type": "text/plain", "value": "text & <i>"},
			map[string]string{"type": "text/html", "value": "<p>html</p><script>alert(1)</script>"},
		},
		"headers":     map[string]string{"Message-ID": "<1@contoso.example>"},
		"custom_args": map[string]string{"tenure_id": "1"},
	})
	return string(body)
}

func send(t *testing.T, s *mail.Server, to, subject string) {
	t.Helper()
	w := do(t, s, http.MethodPost, "/v3/mail/send", sendBody(to, subject), apiHeader())
	if w.Code != http.StatusAccepted || w.Body.Len() != 0 || w.Header().Get("X-Message-Id") == "" {
		t.Fatalf("send answered %d %q, want an empty 202 with an ID", w.Code, w.Body)
	}
}

func TestMessagesSurviveARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	send(t, s, "a@contoso.example", "first")
	send(t, s, "b@contoso.example", "second")
	// What a crash in the middle of a write leaves behind.
	if err := os.WriteFile(filepath.Join(dir, ".new-123"), []byte(`{"id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	if diff := cmp.Diff(s.Messages(), again.Messages()); diff != "" {
		t.Errorf("messages after a restart mismatch (-want +got):\n%s", diff)
	}
	send(t, again, "c@contoso.example", "third")
	got := again.Messages()
	if len(got) != 3 || got[2].ID != 3 || got[2].Subject != "third" {
		t.Errorf("messages = %+v, want the third with ID 3", got)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 3 {
		t.Errorf("folder holds %v (%v), want three files", files, err)
	}
	want := mail.Message{
		ID: 1, Received: time.Date(2026, 11, 22, 9, 1, 0, 0, time.UTC), Via: mail.ViaSendGrid,
		MessageID: "<1@contoso.example>", From: mail.Address{Name: "IT", Email: "it@contoso.example"},
		To: []mail.Address{{Name: "Zoë <b>", Email: "a@contoso.example"}}, Recipients: []string{"a@contoso.example"},
		Subject: "first", Text: "text & <i>", HTML: "<p>html</p><script>alert(1)</script>",
		Headers: map[string][]string{"Message-ID": {"<1@contoso.example>"}}, CustomArgs: map[string]string{"tenure_id": "1"},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("first message mismatch (-want +got):\n%s", diff)
	}
}

func TestBrokenFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "0000000001.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mail.New(mail.Options{Dir: dir, Now: clock()}); err == nil || !strings.Contains(err.Error(), "0000000001.json") {
		t.Errorf("New error = %v, want one that names the file", err)
	}
	if _, err := mail.New(mail.Options{Dir: dir}); err == nil {
		t.Error("New without a clock error = nil")
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	if body := do(t, s, http.MethodGet, "/", "", nil).Body.String(); !strings.Contains(body, "No mail yet.") {
		t.Errorf("empty list does not say so:\n%s", body)
	}
	send(t, s, "a@contoso.example", "first")
	send(t, s, "b@contoso.example", `<script>alert("x")</script>`)

	list := do(t, s, http.MethodGet, "/", "", nil)
	body := list.Body.String()
	if strings.Contains(body, "<script") || !strings.Contains(body, "&lt;script&gt;") {
		t.Errorf("list does not escape a subject:\n%s", body)
	}
	if strings.Index(body, "/mails/2") > strings.Index(body, "/mails/1") {
		t.Errorf("list is not newest first:\n%s", body)
	}
	if !strings.Contains(body, "Zoë &lt;b&gt; &lt;a@contoso.example&gt;") {
		t.Errorf("list does not show the recipient:\n%s", body)
	}
	if got := list.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") {
		t.Errorf("list has policy %q", got)
	}

	filtered := do(t, s, http.MethodGet, "/?to=A@contoso.example", "", nil).Body.String()
	if !strings.Contains(filtered, "/mails/1") || strings.Contains(filtered, "/mails/2") {
		t.Errorf("filter by recipient shows the wrong mails:\n%s", filtered)
	}
	evil := do(t, s, http.MethodGet, `/?to="><script>`, "", nil).Body.String()
	if strings.Contains(evil, "<script") {
		t.Errorf("filter value is not escaped:\n%s", evil)
	}

	show := do(t, s, http.MethodGet, "/mails/2", "", nil).Body.String()
	for _, want := range []string{`<iframe sandbox="" src="/mails/2/html"`, "text &amp; &lt;i&gt;", "tenure_id"} {
		if !strings.Contains(show, want) {
			t.Errorf("message view does not hold %q:\n%s", want, show)
		}
	}
	if strings.Contains(show, "<script") {
		t.Errorf("message view holds a script:\n%s", show)
	}
	part := do(t, s, http.MethodGet, "/mails/2/html", "", nil)
	policy := part.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox; default-src 'none'") || strings.Contains(policy, "allow-") {
		t.Errorf("html part has policy %q", policy)
	}
	for _, target := range []string{"/mails/9", "/mails/x", "/mails/9/html", "/other"} {
		if got := do(t, s, http.MethodGet, target, "", nil).Code; got != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", target, got)
		}
	}
	if w := do(t, s, http.MethodGet, "/style.css", "", nil); w.Code != 200 || !strings.Contains(w.Header().Get("Content-Type"), "css") {
		t.Errorf("GET /style.css = %d %q", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestJSONList(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	if body := do(t, s, http.MethodGet, "/_sim/mails", "", nil).Body.String(); strings.TrimSpace(body) != "[]" {
		t.Errorf("empty list = %q, want []", body)
	}
	send(t, s, "a@contoso.example", "first")
	send(t, s, "b@contoso.example", "second")
	var got []mail.Message
	if err := json.Unmarshal(do(t, s, http.MethodGet, "/_sim/mails", "", nil).Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Subject != "second" {
		t.Errorf("list = %+v, want the second first", got)
	}
	if err := json.Unmarshal(do(t, s, http.MethodGet, "/_sim/mails?to=a@contoso.example", "", nil).Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Subject != "first" {
		t.Errorf("filtered list = %+v, want the first alone", got)
	}
}

func TestSendGridRefusals(t *testing.T) {
	t.Parallel()
	change := func(edit func(map[string]any)) string {
		var m map[string]any
		if err := json.Unmarshal([]byte(sendBody("a@contoso.example", "s")), &m); err != nil {
			t.Fatal(err)
		}
		edit(m)
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	to := func(list ...any) []any { return []any{map[string]any{"to": list}} }
	address := map[string]any{"email": "a@contoso.example"}
	cases := []struct {
		name, body string
		header     map[string]string
		status     int
		field      string
	}{
		{"wrong key", sendBody("a@contoso.example", "s"), map[string]string{"Authorization": "Bearer x"}, 401, ""},
		{"no key", sendBody("a@contoso.example", "s"), map[string]string{"Authorization": ""}, 401, ""},
		{"form", sendBody("a@contoso.example", "s"), map[string]string{"Content-Type": "text/plain"}, 415, ""},
		{"no JSON", "{", nil, 400, ""},
		{"no from", change(func(m map[string]any) { delete(m, "from") }), nil, 400, "from.email"},
		{"nobody", change(func(m map[string]any) { m["personalizations"] = []any{} }), nil, 400, "personalizations"},
		{"no to", change(func(m map[string]any) { m["personalizations"] = to() }), nil, 400, "personalizations.0.to"},
		{"bad to", sendBody("not an address", "s"), nil, 400, "personalizations.0.to.0.email"},
		{"twice", change(func(m map[string]any) { m["personalizations"] = to(address, address) }), nil, 400, "personalizations.0"},
		{"no subject", sendBody("a@contoso.example", ""), nil, 400, "subject"},
		{"no content", change(func(m map[string]any) { delete(m, "content") }), nil, 400, "content"},
		{"html first", change(func(m map[string]any) {
			m["content"] = []any{map[string]any{"type": "text/html", "value": "h"}, map[string]any{"type": "text/plain", "value": "t"}}
		}), nil, 400, "content"},
		{"empty content", change(func(m map[string]any) {
			m["content"] = []any{map[string]any{"type": "text/plain", "value": ""}}
		}), nil, 400, "content.0.value"},
		{"reserved header", change(func(m map[string]any) { m["headers"] = map[string]any{"Reply-To": "x"} }), nil, 400, "headers"},
		{"number in custom_args", change(func(m map[string]any) { m["custom_args"] = map[string]any{"a": 1} }), nil, 400, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, t.TempDir())
			header := apiHeader()
			maps.Copy(header, c.header)
			w := do(t, s, http.MethodPost, "/v3/mail/send", c.body, header)
			if w.Code != c.status {
				t.Errorf("status = %d, want %d: %s", w.Code, c.status, w.Body)
			}
			var answer struct {
				Errors []struct {
					Message string
					Field   *string
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Errors) == 0 {
				t.Fatalf("body = %q, want SendGrid's errors (%v)", w.Body, err)
			}
			got := ""
			if answer.Errors[0].Field != nil {
				got = *answer.Errors[0].Field
			}
			if got != c.field {
				t.Errorf("field = %q, want %q", got, c.field)
			}
			if n := len(s.Messages()); n != 0 {
				t.Errorf("kept %d messages of a refused request", n)
			}
		})
	}
}

func TestBothProtocolsOnOneSimulator(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("Close before Start error = %v", err)
	}
	if err := s.Start(t.Context(), "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatalf("Start error = %v", err)
	}
	raw := "From: IT <it@contoso.example>\r\nTo: =?utf-8?q?Zo=C3=AB?= <zoe@contoso.example>\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZQo=\r\n"
	recipients := []string{"zoe@contoso.example", "hidden@contoso.example"}
	if err := netsmtp.SendMail(s.SMTPAddr(), nil, "it@contoso.example", recipients, []byte(raw)); err != nil {
		t.Fatalf("SendMail error = %v", err)
	}
	if err := netsmtp.SendMail(s.SMTPAddr(), nil, "it@contoso.example", recipients, []byte("no header\r\n")); err == nil {
		t.Error("SendMail of something that is no mail error = nil")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.HTTPAddr()+"/_sim/mails?to=hidden@contoso.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.Body.Close() != nil {
		t.Fatal(err)
	}
	var got []mail.Message
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Subject != "Grüße" || got[0].Text != "Grüße\n" || got[0].To[0].Name != "Zoë" || got[0].Via != mail.ViaSMTP {
		t.Errorf("mail by smtp = %s", body)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Errorf("Close error = %v", err)
	}
	if err := netsmtp.SendMail(s.SMTPAddr(), nil, "it@contoso.example", recipients, []byte(raw)); err == nil {
		t.Error("SendMail after Close error = nil")
	}
}

func TestFaultsAboutSomebody(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	if err := s.Start(t.Context(), "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatalf("Start error = %v", err)
	}
	t.Cleanup(func() { _ = s.Close(context.WithoutCancel(t.Context())) })
	mailTo := func(to, subject string) error {
		raw := "From: it@contoso.example\r\nTo: " + to + "\r\nSubject: " + subject + "\r\nContent-Type: text/plain\r\n\r\ntext\r\n"
		return netsmtp.SendMail(s.SMTPAddr(), nil, "it@contoso.example", []string{to}, []byte(raw))
	}
	if err := s.Faults().Set(
		fault.Rule{ID: "content", Method: "SMTP", Path: "/data", About: "Marchetti", Kind: fault.Lost},
		fault.Rule{ID: "recipient", Method: "SMTP", Path: "/rcpt", About: "bea@", Kind: fault.NotFound},
		fault.Rule{ID: "api", Method: "POST", About: "cleo@", Kind: fault.ThrottledBare},
	); err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct {
		to, subject string
		broken      bool
		kept        int
	}{
		{"ada@contoso.example", "about Ada", false, 1},
		{"ada@contoso.example", "about Ottilie Marchetti", true, 2},
		{"bea@contoso.example", "about Ada", true, 2},
		{"bea@contoso.example", "about Ada", false, 3},
	} {
		if err := mailTo(m.to, m.subject); (err != nil) != m.broken {
			t.Errorf("mail to %s %s error = %v, want broken %t", m.to, m.subject, err, m.broken)
		}
		if got := len(s.Messages()); got != m.kept {
			t.Errorf("after the mail to %s %s: %d messages, want %d", m.to, m.subject, got, m.kept)
		}
	}
	send(t, s, "ada@contoso.example", "one")
	if w := do(t, s, http.MethodPost, "/v3/mail/send", sendBody("cleo@contoso.example", "two"), apiHeader()); w.Code != http.StatusTooManyRequests {
		t.Errorf("send about cleo = %d, want 429", w.Code)
	}
}

func FuzzSMTPMessage(f *testing.F) {
	f.Add("From: a@contoso.example\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n")
	f.Add("From: =?utf-8?q?=C3?= <a@contoso.example>\r\nSubject: =?x?q?y?=\r\n\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		m, err := mail.Parse(strings.NewReader(raw))
		if err == nil && m.From.Email == "" {
			t.Errorf("Parse(%q) accepted a mail without a sender", raw)
		}
	})
}
