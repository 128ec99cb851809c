package fault

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/tally"
	"tenure/deploy/devstack/stack"
)

// tokensFor makes the client ask for a token before each call: it lets go of one
// five minutes before it ends.
const tokensFor = 5 * time.Minute

// parts are the sites that are played in: one whose mail goes over SMTP, and one
// whose mail goes by SendGrid.
func parts(o tally.Options) []part {
	bySMTP := part{
		name: "smtp",
		start: func(ctx context.Context, dir string, on *site.Databases) (*site.Site, error) {
			return site.Start(ctx, dir, on.Use, func(o *stack.Options) { o.TokenLife = tokensFor })
		},
		plan: func(context.Context, *runner, *site.Site) ([]cast, error) { return short(), nil },
	}
	bySendGrid := part{
		name: "sendgrid", start: startSendGrid,
		plan: func(context.Context, *runner, *site.Site) ([]cast, error) { return shortSendGrid(), nil },
	}
	if !o.Short {
		bySMTP.plan = whole
		bySendGrid.plan = wholeSendGrid
	}
	return []part{bySMTP, bySendGrid}
}

// startSendGrid is a site whose policy sends by SendGrid.
func startSendGrid(ctx context.Context, dir string, on *site.Databases) (*site.Site, error) {
	var problem error
	s, err := site.Start(ctx, dir, on.Use, func(o *stack.Options) {
		text, err := os.ReadFile(o.Policy)
		if err == nil && bytes.Count(text, []byte("via: smtp")) != 1 {
			err = errors.New("the policy has not one way of mail")
		}
		if err == nil {
			with := "via: sendgrid\n  server: env:TENURE_SENDGRID_URL\n  secret: env:TENURE_SENDGRID_KEY"
			text = bytes.Replace(text, []byte("via: smtp"), []byte(with), 1)
			err = os.WriteFile(o.Policy, text, 0o600) //nolint:gosec // the site's own folder
		}
		problem = err
	})
	if err == nil && problem != nil {
		err = errors.Join(problem, s.Close())
	}
	return s, err
}

// short covers every kind, each system and each tale.
func short() []cast {
	const (
		users   = "/users"
		user    = "/users/*"
		member  = "/groups/*/members/$ref"
		unset   = "/groups/*/members/*/$ref"
		license = "/users/*/assignLicense"
		passes  = "/users/*/authentication/temporaryAccessPassMethods"
		revoke  = "/users/*/revokeSignInSessions"
	)
	var out []cast
	add := func(c call, names ...string) {
		for _, name := range names {
			out = append(out, cast{call: c, kind: kindOf(name)})
		}
	}
	add(onGraph(joiner, http.MethodPost, users), "lost after success", "lost and not replicated", "name taken", "409 concurrency",
		"429 with Retry-After", "Bad Gateway as HTML", "answer after the time-out")
	add(onGraph(joiner, http.MethodGet, users), "429 without Retry-After", "down for two days")
	add(onGraph(joiner, http.MethodGet, user), "404 of a new object")
	add(onGraph(joiner, http.MethodPost, member), "404 of a new object", "reset")
	add(onGraph(joiner, http.MethodPost, license), "no seat", "lost after success", "404 of a new object")
	add(onGraph(joiner, http.MethodPost, passes), "lost after success", "slow")
	add(onGraph(mover, http.MethodPatch, user), "500", "Internal Server Error as HTML")
	add(onGraph(leaver, http.MethodGet, user), "404 of a new object", "404 and not listed")
	add(onGraph(leaver, http.MethodPatch, user), "lost after success", "503")
	add(onGraph(leaver, http.MethodDelete, unset), "404 of a new object", "Service Unavailable as HTML")
	add(onGraph(leaver, http.MethodPost, revoke), "429 with Retry-After")
	add(onGraph(rescind, http.MethodDelete, passes+"/*"), "lost after success")
	add(onGraph(deleted, http.MethodDelete, user), "lost after success", "404 of a new object")
	add(onGraph(restored, http.MethodPost, "/directory/deletedItems/*/restore"), "lost after success")
	add(onGraph(anew, http.MethodPost, users), "lost after success")
	add(onGraph(rehire, http.MethodPost, license), "reset")
	add(onGraph(returner, http.MethodPost, member), "lost after success")
	add(onBadges(), "lost after success", "409 concurrency", "Service Unavailable as HTML", "429 with Retry-After")
	add(onMail(joiner, smtpData, aboutHire), "lost after success")
	add(onMail(joiner, smtpData, aboutPass), "lost after success", "reset")
	add(onMail(joiner, smtpData, aboutWelcome), "503", "429 with Retry-After")
	add(onMail(joiner, smtpRcpt, aboutAddress), "no recipient")
	add(onMail(leaver, smtpData, aboutAnybody), "reset")
	add(ofAnybody(smtp, smtpMethod, smtpConnect), "reset")
	add(ofAnybody(smtp, smtpMethod, smtpMail), "503")
	add(ofAnybody(tenant, http.MethodGet, graphRoot+"/groups/*"), "503")
	add(ofAnybody(tenant, http.MethodPost, signInPath), "lost after success", "Service Unavailable as HTML")
	return out
}

// shortSendGrid is a part of what SendGrid may do.
func shortSendGrid() []cast {
	hire, welcome, pass := onSendGrid(joiner, aboutHire), onSendGrid(joiner, aboutWelcome), onSendGrid(joiner, aboutPass)
	return []cast{
		{call: hire, kind: kindOf("lost after success")},
		{call: hire, kind: kindOf("Bad Gateway as HTML")},
		{call: welcome, kind: kindOf("429 with Retry-After")},
		{call: welcome, kind: kindOf("no recipient")},
		{call: pass, kind: kindOf("lost after success")},
		{call: pass, kind: kindOf("503")},
	}
}
