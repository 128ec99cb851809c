package lifecycle

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"tenure/internal/person"
)

const (
	minutesPerDay = 24 * 60
	// longestDays and longestInstant bound durations to what a policy can mean.
	longestDays    = 10 * 366
	longestInstant = 90 * 24 * time.Hour
)

// text reads a text; "" is none.
func (l *loader) text(node *yaml.Node, what string) string {
	switch {
	case node == nil:
		return ""
	case node.Kind != yaml.ScalarNode:
		l.fail(node, "%s found where %s belongs", describe(node), what)
		return ""
	case node.Tag != "!!str" && node.Tag != "!!timestamp":
		l.fail(node, "%s found where %s belongs: write it in quotes", describe(node), what)
		return ""
	case strings.TrimSpace(node.Value) == "":
		l.fail(node, "%s is empty", what)
		return ""
	case strings.ContainsFunc(node.Value, isControl):
		l.fail(node, "%s holds a control character", what)
		return ""
	case strings.ContainsFunc(node.Value, isHidden):
		l.fail(node, "%s holds a character that shows nothing or turns the direction of reading", what)
		return ""
	}
	return node.Value
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError }

// isHidden finds what lets two words look alike that differ.
func isHidden(r rune) bool {
	return r == 0xad || r == 0x200b || r == 0x2060 || r == 0xfeff || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// texts reads a list of texts, each once.
func (l *loader) texts(node *yaml.Node, what string) []string {
	var out []string
	for _, item := range l.list(node, what) {
		word := l.text(item, what)
		switch {
		case word == "":
		case slices.Contains(out, word):
			l.fail(item, "%s stands in the list twice", quote(word))
		default:
			out = append(out, word)
		}
	}
	return out
}

// oneOf reads one of a few words, or standard where nothing is written.
func (l *loader) oneOf(node *yaml.Node, what, standard string, choices ...string) string {
	if node == nil {
		return standard
	}
	word := l.text(node, what)
	if word == "" || slices.Contains(choices, word) {
		return word
	}
	l.fail(node, "unknown %s %s%s", what, quote(word), hint(word, choices))
	return standard
}

// boolean reads true or false.
func (l *loader) boolean(node *yaml.Node, what string, standard bool) bool {
	if node == nil {
		return standard
	}
	if node.Kind != yaml.ScalarNode || node.Tag != "!!bool" {
		l.fail(node, "%s must be true or false, without quotes", what)
		return standard
	}
	return strings.EqualFold(node.Value, "true")
}

var durationPattern = regexp.MustCompile(`^(-?)(\d{1,6})(m|h|d|w)$`)

// duration reads 30m, 8h, 7d or 2w, negative where a date may be before.
func (l *loader) duration(node *yaml.Node, what string, standard Duration) Duration {
	if node == nil {
		return standard
	}
	word := node.Value
	if node.Kind != yaml.ScalarNode {
		l.fail(node, "%s found where %s belongs: write a duration such as 7d", describe(node), what)
		return standard
	}
	found := durationPattern.FindStringSubmatch(word)
	if found == nil {
		if strings.HasSuffix(word, "bd") {
			l.fail(node, "this version has no business days yet: state %s in days (d)", what)
		} else {
			l.fail(node, "%s is %s; a duration is a whole number with m, h, d or w, such as 30m, 8h, 7d or 2w", what, quote(word))
		}
		return standard
	}
	n, err := strconv.Atoi(found[1] + found[2])
	if err != nil {
		l.fail(node, "%s is %s; that is no number", what, quote(word))
		return standard
	}
	d := Duration{}
	switch found[3] {
	case "m":
		d.Instant = time.Duration(n) * time.Minute
	case "h":
		d.Instant = time.Duration(n) * time.Hour
	case "d":
		d.Days = n
	case "w":
		d.Days = 7 * n
	}
	if max(d.Days, -d.Days) > longestDays || max(d.Instant, -d.Instant) > longestInstant {
		l.fail(node, "%s is %s; at most %dd, or %dh in hours and minutes", what, word, longestDays, int(longestInstant.Hours()))
		return standard
	}
	return d
}

// instant reads a duration in hours or minutes within bounds; days count as 24 hours.
func (l *loader) instant(node *yaml.Node, what string, standard, least, most time.Duration) time.Duration {
	if node != nil && node.Kind == yaml.ScalarNode && strings.HasSuffix(node.Value, "s") {
		if seconds, err := time.ParseDuration(node.Value); err == nil && !strings.HasPrefix(node.Value, "-") {
			return l.within(node, what, seconds, least, most)
		}
	}
	d := l.duration(node, what, Duration{Instant: standard})
	if node == nil {
		return standard
	}
	return l.within(node, what, d.Instant+time.Duration(d.Days)*24*time.Hour, least, most)
}

func (l *loader) within(node *yaml.Node, what string, d, least, most time.Duration) time.Duration {
	if d < least || d > most {
		l.fail(node, "%s is %s; allowed is %s to %s", what, quote(node.Value), short(least), short(most))
		return least
	}
	return d
}

// days reads a duration in days or weeks that is not negative.
func (l *loader) days(node *yaml.Node, what string, standard Duration) Duration {
	d := l.duration(node, what, standard)
	if node != nil && (d.Instant != 0 || d.Days < 0) {
		l.fail(node, "%s is %s; state it in days or weeks, such as 5d or 2w", what, quote(node.Value))
		return standard
	}
	return d
}

var percentPattern = regexp.MustCompile(`^(\d{1,3}(?:\.\d{1,2})?)%$`)

// percent reads 10%.
func (l *loader) percent(node *yaml.Node, what string, standard float64) float64 {
	if node == nil {
		return standard
	}
	if found := percentPattern.FindStringSubmatch(node.Value); node.Kind == yaml.ScalarNode && found != nil {
		if share, err := strconv.ParseFloat(found[1], 64); err == nil && share <= 100 {
			return share
		}
	}
	l.fail(node, "%s must be a share from 0%% to 100%%, such as 10%%", what)
	return standard
}

// date reads YYYY-MM-DD.
func (l *loader) date(node *yaml.Node, what string) person.Date {
	word := l.text(node, what)
	if word == "" {
		return person.Date{}
	}
	date, err := person.ParseDate(word)
	if err != nil {
		l.fail(node, "%s is %s; write a date that exists as YYYY-MM-DD", what, quote(word))
	}
	return date
}

// timeOfDay reads HH:MM.
func (l *loader) timeOfDay(node *yaml.Node, what string) *person.TimeOfDay {
	if node == nil {
		return nil
	}
	if node.Kind == yaml.ScalarNode {
		if at, err := person.ParseTimeOfDay(node.Value); err == nil {
			return &at
		}
	}
	l.fail(node, "%s must be a time of day from \"00:00\" to \"24:00\", in quotes", what)
	return nil
}

// zone reads an IANA name.
func (l *loader) zone(node *yaml.Node) (*time.Location, string) {
	word := l.text(node, "a time zone")
	if word == "" {
		return nil, ""
	}
	location, err := time.LoadLocation(word)
	if err != nil || word == "Local" || !strings.Contains(word, "/") && word != "UTC" {
		l.fail(node, "unknown time zone %s; write an IANA name such as Europe/Berlin", quote(word))
		return nil, ""
	}
	return location, word
}

var referencePattern = regexp.MustCompile(`^(env:[A-Za-z_][A-Za-z0-9_]*|file:[^\s]+)$`)

func isReference(text string) bool { return referencePattern.MatchString(text) }

// reference reads env:NAME or file:PATH. What else stands there may be a
// secret and is not repeated.
func (l *loader) reference(node *yaml.Node, what string) string {
	if node == nil {
		return ""
	}
	if node.Kind == yaml.ScalarNode && isReference(node.Value) {
		return node.Value
	}
	l.fail(node, "%s must be a reference, env:NAME or file:PATH; a secret never stands in the policy", what)
	return ""
}

var (
	guidPattern   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	domainPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)
	localPattern  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
)

func isDomain(text string) bool {
	return len(text) <= 253 && domainPattern.MatchString(strings.ToLower(text))
}

func isMailAddress(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	return found && len(local) <= 64 && localPattern.MatchString(local) && isDomain(domain)
}

// mailAddress reads a plain address.
func (l *loader) mailAddress(node *yaml.Node, what string) string {
	word := l.text(node, what)
	if word != "" && !isMailAddress(word) {
		l.fail(node, "%s must be a mail address such as it@contoso.example", what)
		return ""
	}
	return word
}

// address reads a URL: https, or http to this machine. It may hold a secret
// and is not repeated.
func (l *loader) address(node *yaml.Node, what string) string {
	word := l.text(node, what)
	if word == "" {
		return ""
	}
	u, err := url.Parse(word)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		l.fail(node, "%s must be a whole address such as https://badges.contoso.example/tenure", what)
	case u.User != nil:
		l.fail(node, "%s must not hold a user or password", what)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		l.fail(node, "%s must begin with https://; http is only for this machine", what)
	case u.Fragment != "":
		l.fail(node, "%s must not hold a fragment (#)", what)
	default:
		return word
	}
	return ""
}

func isLoopback(host string) bool {
	octets := strings.Split(host, ".")
	if len(octets) == 4 && octets[0] == "127" {
		for _, octet := range octets {
			if n, err := strconv.Atoi(octet); err != nil || n < 0 || n > 255 {
				return false
			}
		}
		return true
	}
	return host == "localhost" || host == "::1"
}

// short writes a duration as the policy does.
func short(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0 && d != 0:
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	case d%time.Hour == 0 && d != 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d%time.Minute == 0 && d != 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return d.String()
}
