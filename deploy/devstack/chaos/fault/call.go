package fault

import (
	"fmt"
	"net/http"
	"strings"

	"tenure/deploy/devstack/chaos/site"
)

// server is a system that Tenure calls.
type server string

// The systems.
const (
	tenant   server = "graph"
	smtp     server = "smtp"
	sendgrid server = "sendgrid"
	badges   server = "badges"
)

// call is one that a tale makes in its last step.
type call struct {
	tale   string
	server server
	// method and path are as in a rule of the fault schedule.
	method, path string
	// about is whom the rule is kept to; {key} and {family} stand for the
	// person's. The empty about hits whoever comes next.
	about string
	// nth counts the calls of the kind that pass before.
	nth int
}

// String names the call.
func (c call) String() string {
	text := fmt.Sprintf("%s: %s %s", c.tale, c.method, c.path)
	if c.server == smtp || c.server == sendgrid {
		text += " " + c.about
	}
	if c.nth > 0 {
		text += fmt.Sprintf(" (the one after %d)", c.nth)
	}
	return text
}

// subject is whom the call is about in one person's story.
func (c call) subject(e site.Employee) string {
	return strings.NewReplacer("{key}", e.Key, "{family}", e.Family).Replace(c.about)
}

// anybodys reports whether the call is not one about its own person: whoever
// comes next makes it.
func (c call) anybodys() bool { return !strings.Contains(c.about, "{") }

// passMail reports whether the call sends a pass.
func (c call) passMail() bool { return strings.HasPrefix(c.about, passSubject) }

// The words that tell a mail: subjects, a greeting, and at /rcpt the address.
const (
	passSubject  = "Temporary access pass for"
	aboutPass    = passSubject + " Berthe {family}"
	aboutHire    = "Berthe {family} joins your team soon"
	aboutWelcome = "Hello Berthe {family}"
	aboutAddress = "okonkwo-{key}@"
	aboutAnybody = "{family}"
	aboutKey     = "{key}"
)

// The methods and paths beside those of Graph.
const (
	graphRoot    = "/v1.0"
	smtpMethod   = "SMTP"
	smtpConnect  = "/connect"
	smtpMail     = "/mail"
	smtpRcpt     = "/rcpt"
	smtpData     = "/data"
	sendGridPath = "/v3/mail/send"
	badgePath    = "/tenure"
	signInPath   = "/*/oauth2/**"
)

// onGraph is a call of Graph in a tale.
func onGraph(tale, method, path string) call {
	return call{tale: tale, server: tenant, method: method, path: graphRoot + path, about: aboutKey}
}

func onBadges() call {
	return call{tale: mover, server: badges, method: http.MethodPost, path: badgePath, about: aboutKey}
}

// ofAnybody is a call that names nobody, made by a joiner and by others.
func ofAnybody(on server, method, path string) call {
	return call{tale: joiner, server: on, method: method, path: path}
}

func onSendGrid(tale, about string) call {
	return call{tale: tale, server: sendgrid, method: http.MethodPost, path: sendGridPath, about: about}
}

func onMail(tale, step, about string) call {
	return call{tale: tale, server: smtp, method: smtpMethod, path: step, about: about}
}
