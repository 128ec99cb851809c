package mail

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"
)

//go:embed page
var pageFiles embed.FS

// The policies of the page and of a message's own HTML: neither runs a script nor loads anything from elsewhere, and
// a message can neither navigate the page nor send a form.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; " +
		"frame-ancestors 'none'"
	mailPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
		"form-action 'none'; frame-ancestors 'self'"
)

const typeHTMLUTF8 = typeHTML + "; charset=utf-8"

type page struct {
	server    *Server
	templates *template.Template
}

// Handler serves the page, the JSON list and SendGrid's API.
func (s *Server) Handler() http.Handler {
	p := &page{server: s, templates: template.Must(template.New("").Funcs(template.FuncMap{
		"stamp": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	}).ParseFS(pageFiles, "page/*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.list)
	mux.HandleFunc("GET /mails/{id}", p.show)
	mux.HandleFunc("GET /mails/{id}/html", p.html)
	mux.HandleFunc("GET /style.css", p.style)
	mux.HandleFunc("GET /_sim/mails", p.json)
	mux.Handle("POST "+sendPath, s.sendGrid())
	return secure(mux)
}

// secure sets the headers that every answer has.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (p *page) list(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	messages := p.server.store.list(to)
	slices.Reverse(messages)
	p.render(w, "list.html", map[string]any{
		"To": to, "Messages": messages, "Total": len(p.server.store.list("")),
	})
}

func (p *page) show(w http.ResponseWriter, r *http.Request) {
	m, ok := p.find(r)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		p.render(w, "missing.html", nil)
		return
	}
	p.render(w, "show.html", m)
}

// html serves a message's HTML part as it came, shut in by the policy.
func (p *page) html(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set(headContent, typeHTMLUTF8)
	m, ok := p.find(r)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = w.Write([]byte(m.HTML))
}

func (p *page) find(r *http.Request) (Message, bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return Message{}, false
	}
	return p.server.store.get(id)
}

func (p *page) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "page/style.css")
}

func (p *page) json(w http.ResponseWriter, r *http.Request) {
	messages := p.server.store.list(r.URL.Query().Get("to"))
	slices.Reverse(messages)
	w.Header().Set(headContent, typeJSON)
	if err := json.NewEncoder(w).Encode(messages); err != nil {
		p.server.log.Debug("mail list not written", "error", err)
	}
}

func (p *page) render(w http.ResponseWriter, name string, data any) {
	var buf bytes.Buffer
	if err := p.templates.ExecuteTemplate(&buf, name, data); err != nil {
		p.server.log.Error("mail page not rendered", "error", err)
		http.Error(w, "page not rendered", http.StatusInternalServerError)
		return
	}
	w.Header().Set(headContent, typeHTMLUTF8)
	_, _ = buf.WriteTo(w)
}
