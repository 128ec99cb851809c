package lifecycle

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tenure/internal/person"
)

const (
	leastTimeout = time.Second
	mostTimeout  = 5 * time.Minute
)

func (l *loader) zones(node *yaml.Node) {
	for _, item := range l.list(node, "zone rules") {
		o, ok := l.object(item, shapeZone)
		if !ok {
			continue
		}
		var rule ZoneRule
		var known facts
		rule.When, known = l.condition(o.get("when"), false)
		rule.Zone, rule.ZoneName = l.zone(o.get("zone"))
		l.warnWideZone(item, known, rule.ZoneName)
		l.policy.Zones = append(l.policy.Zones, rule)
	}
}

// warnWideZone warns where a rule gives a whole country with several zones one
// of them (S9).
func (l *loader) warnWideZone(node *yaml.Node, known facts, zone string) {
	finer := slices.ContainsFunc(known.attributes, func(name string) bool {
		return strings.HasPrefix(name, "assignment.location.") && name != person.LocationCountry
	})
	if finer || zone == "" {
		return
	}
	for _, country := range known.equals[person.LocationCountry] {
		if slices.Contains(wideCountries(), country) {
			l.warnings = append(l.warnings, l.at(node).problem("%s has several time zones, and this rule gives everybody there %s: add rules for its places before it", country, zone))
		}
	}
}

// wideCountries have several time zones.
func wideCountries() []string {
	return []string{"AU", "BR", "CA", "CD", "CL", "EC", "ES", "FM", "GL", "ID", "KI", "KZ", "MN", "MX", "NZ", "PF", "PG", "PT", "RU", "US"}
}

func (l *loader) extensions(node *yaml.Node) {
	for _, p := range l.named(node, "extensions") {
		if _, found := l.policy.Extension(p.key.Value); found {
			l.fail(p.key, "an extension %s exists already", quote(p.key.Value))
			continue
		}
		l.mark(p.key, path("extension", p.key.Value)...)
		e := Extension{Name: p.key.Value}
		if o, ok := l.object(p.value, shapeExtension); ok {
			e.URL = l.addressOrReference(o.get("url"), "url")
			e.Secret = l.reference(o.get("secret"), "secret")
			e.Timeout = l.instant(o.get("timeout"), "timeout", standard().timeout, leastTimeout, mostTimeout)
		}
		l.policy.Extensions = append(l.policy.Extensions, e)
	}
}

func (l *loader) notifications(node *yaml.Node) {
	o, ok := l.object(node, shapeNotifications)
	if !ok {
		return
	}
	if at, found := l.places["notifications"]; found {
		l.fail(node, "notifications stand in %s already; write them once", at.file)
		return
	}
	l.mark(node, "notifications")
	n := Notifications{
		From:      l.mailAddress(o.get("from"), "from"),
		Via:       l.oneOf(o.get("via"), "way of mail", "", ViaSMTP, ViaSendGrid),
		Templates: l.text(o.get("templates"), "templates"),
		Fallback:  l.mailAddress(o.get("fallback"), "fallback"),
		User:      l.reference(o.get("user"), "user"),
		Secret:    l.reference(o.get("secret"), "secret"),
	}
	if attribute := o.get("preHireAddress"); attribute != nil {
		n.PreHireAddress = l.attribute(attribute)
	}
	n.Server = l.server(o.get("server"), n.Via)
	l.policy.Notifications = n
}

// addressOrReference lets a URL differ between environments that share a policy.
func (l *loader) addressOrReference(node *yaml.Node, what string) string {
	if node != nil && node.Kind == yaml.ScalarNode && isReference(node.Value) {
		return node.Value
	}
	return l.address(node, what)
}

// server reads host:port for smtp, a URL for sendgrid, or a reference.
func (l *loader) server(node *yaml.Node, via string) string {
	switch {
	case node == nil:
		return ""
	case node.Kind == yaml.ScalarNode && isReference(node.Value):
		return node.Value
	case via == ViaSendGrid:
		return l.address(node, "server")
	}
	word := l.text(node, "server")
	host, port, found := strings.Cut(word, ":")
	if word != "" && (!found || !isPort(port) || !isDomain(host) && !isLoopback(host)) {
		l.fail(node, "server must be host:port, such as smtp.contoso.example:587, or a reference such as env:NAME")
		return ""
	}
	return word
}

func isPort(text string) bool {
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' || n > 65535 {
			return false
		}
		n = 10*n + int(r-'0')
	}
	return n > 0 && n <= 65535
}
