package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a message. They lie far above every template and below what servers refuse.
const (
	maxSubjectRunes = 200
	maxNameRunes    = 200
	maxAddressBytes = 254
	maxIDBytes      = 64
	maxBodyBytes    = 256 << 10
	maxCc           = 20
	maxHeaders      = 10
)

// nameEscape is refused in display names: beside a non-ASCII letter net/mail writes it raw into an encoded word, which
// no reader has to accept.
const nameEscape = `\`

// HeaderPrefix begins the name of every header that a caller may add.
const HeaderPrefix = "X-Tenure-"

// Message is one mail to one person, with optional copies. It is plain data and always has both parts.
type Message struct {
	// ID is the local part of the Message-ID. The caller derives it from the idempotency key (IDFromKey), so that a
	// resend carries the same Message-ID and a mail system that drops duplicates can do so.
	ID string

	From mail.Address
	To   mail.Address
	Cc   []mail.Address

	Subject string
	Text    string
	HTML    string

	// Locale is the language of the parts, such as "de"; it becomes Content-Language where it is set.
	Locale string

	// Headers are additional headers. Names begin with HeaderPrefix; values are one line of printable ASCII.
	Headers map[string]string
}

// IDFromKey returns the Message ID for an idempotency key: a digest, because the key names a person and a
// Message-ID leaves the house.
func IDFromKey(key string) string {
	sum := sha256.Sum256([]byte("tenure mail " + key))
	return hex.EncodeToString(sum[:16])
}

// MessageID returns the value of the Message-ID header: the ID at the sender's domain, in angle brackets.
func (m Message) MessageID() string {
	_, domain, _ := strings.Cut(m.From.Address, "@")
	return "<" + m.ID + "@" + domain + ">"
}

// Validate reports everything that makes the message unsafe or impossible to send. The error matches ErrRejected
// and names fields, never their contents.
func (m Message) Validate() error {
	var problems []error
	add := func(field string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", field, err))
		}
	}
	add("id", checkID(m.ID))
	add("from", CheckAddress(m.From))
	add("to", CheckAddress(m.To))
	for i, a := range m.Cc {
		add(fmt.Sprintf("cc %d", i+1), CheckAddress(a))
	}
	if len(m.Cc) > maxCc {
		add("cc", fmt.Errorf("more than %d addresses", maxCc))
	}
	add("cc", checkRepeated(m.To, m.Cc))
	add("subject", checkLine(m.Subject, maxSubjectRunes, true))
	add("text", checkBody(m.Text))
	add("html", checkBody(m.HTML))
	if m.Locale != "" && !validLocale(m.Locale) {
		add("locale", errors.New("not a language tag"))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		add("headers", checkHeader(name, m.Headers[name]))
	}
	if len(m.Headers) > maxHeaders {
		add("headers", fmt.Errorf("more than %d", maxHeaders))
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("validate message: %w: %w", errors.Join(problems...), ErrRejected)
}

// CheckAddress reports why an address cannot be used in an envelope or a header. The error does not contain it.
func CheckAddress(a mail.Address) error {
	switch {
	case a.Address == "":
		return errors.New("empty address")
	case len(a.Address) > maxAddressBytes:
		return fmt.Errorf("address longer than %d bytes", maxAddressBytes)
	case strings.ContainsAny(a.Address, " \t<>,;:\\\"()[]"):
		return errors.New("address has a character that needs quoting")
	}
	if err := checkLine(a.Address, maxAddressBytes, true); err != nil {
		return fmt.Errorf("address: %w", err)
	}
	parsed, err := mail.ParseAddress("<" + a.Address + ">")
	if err != nil || parsed.Address != a.Address {
		return errors.New("not a mail address")
	}
	if err := checkLine(a.Name, maxNameRunes, false); err != nil {
		return fmt.Errorf("display name: %w", err)
	}
	if strings.Contains(a.Name, nameEscape) {
		return errors.New("display name: backslash")
	}
	return nil
}

// DisplayName makes a display name that CheckAddress accepts of a name as HR wrote it.
func DisplayName(name string) string {
	return cleanLine(strings.ReplaceAll(name, nameEscape, " "), maxNameRunes)
}

func checkRepeated(to mail.Address, cc []mail.Address) error {
	seen := map[string]bool{strings.ToLower(to.Address): true}
	for _, a := range cc {
		key := strings.ToLower(a.Address)
		if seen[key] {
			return errors.New("the same address twice")
		}
		seen[key] = true
	}
	return nil
}

func checkID(id string) error {
	if id == "" || len(id) > maxIDBytes {
		return fmt.Errorf("must have 1 to %d characters", maxIDBytes)
	}
	for _, r := range id {
		if !isASCIIAlnum(r) && r != '-' && r != '_' {
			return errors.New("only letters, digits, - and _ are allowed")
		}
	}
	return nil
}

// checkLine accepts one line of text for a header; the library encodes what is not ASCII.
func checkLine(s string, maxRunes int, required bool) error {
	switch {
	case required && strings.TrimSpace(s) == "":
		return errors.New("empty")
	case !utf8.ValidString(s):
		return errors.New("not UTF-8")
	case utf8.RuneCountInString(s) > maxRunes:
		return fmt.Errorf("longer than %d characters", maxRunes)
	case strings.ContainsFunc(s, unsafeInLine):
		return errors.New("control character")
	}
	return nil
}

func checkBody(s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return errors.New("empty")
	case !utf8.ValidString(s):
		return errors.New("not UTF-8")
	case len(s) > maxBodyBytes:
		return fmt.Errorf("longer than %d bytes", maxBodyBytes)
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return errors.New("control character (lines end with a single line feed)")
	}
	return nil
}

func checkHeader(name, value string) error {
	rest, ok := strings.CutPrefix(name, HeaderPrefix)
	if !ok || checkID(rest) != nil {
		return fmt.Errorf("names begin with %s and go on with letters, digits and -", HeaderPrefix)
	}
	if err := checkLine(value, maxSubjectRunes, true); err != nil {
		return err
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r > unicode.MaxASCII }) {
		return errors.New("value is not ASCII")
	}
	return nil
}

func isASCIIAlnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
