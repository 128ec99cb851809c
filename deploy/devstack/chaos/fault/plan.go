package fault

import (
	"context"
	"net/http"

	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/tally"
)

// parts are the sites that are played in.
func parts(tally.Options) []part {
	return []part{{
		name:  "smtp",
		start: func(ctx context.Context, dir string) (*site.Site, error) { return site.Start(ctx, dir) },
		plan:  func(context.Context, *runner, *site.Site) ([]cast, error) { return short(), nil },
	}}
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
	add(onGraph(leaver, http.MethodGet, user), "404 of a new object")
	add(onGraph(leaver, http.MethodPatch, user), "lost after success", "503")
	add(onGraph(leaver, http.MethodDelete, unset), "404 of a new object", "Service Unavailable as HTML")
	add(onGraph(leaver, http.MethodPost, revoke), "429 with Retry-After")
	add(onGraph(rescind, http.MethodDelete, passes+"/*"), "lost after success")
	add(onGraph(deleted, http.MethodDelete, user), "lost after success", "404 of a new object")
	add(onGraph(restored, http.MethodPost, "/directory/deletedItems/*/restore"), "lost after success")
	add(onGraph(rehire, http.MethodPost, license), "reset")
	add(onGraph(returner, http.MethodPost, member), "lost after success")
	add(onBadges(), "lost after success", "409 concurrency", "Service Unavailable as HTML", "429 with Retry-After")
	add(onMail(joiner, smtpData, aboutHire), "lost after success")
	add(onMail(joiner, smtpData, aboutPass), "lost after success", "reset")
	add(onMail(joiner, smtpData, aboutWelcome), "503", "429 with Retry-After")
	add(onMail(joiner, smtpRcpt, aboutAddress), "no recipient")
	add(onMail(leaver, smtpData, aboutAnybody), "reset")
	add(onMail(joiner, smtpConnect, ""), "reset")
	add(onMail(joiner, smtpMail, ""), "503")
	group := onGraph(joiner, http.MethodGet, "/groups/*")
	group.about = ""
	add(group, "503", "reset")
	return out
}
