package mail

import (
	"net/mail"
	"slices"
	"strings"
	"time"
)

// The protocols a message can arrive by.
const (
	ViaSMTP     = "smtp"
	ViaSendGrid = "sendgrid"
)

// Address is one mailbox.
type Address struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

// String returns the address as people read it, not encoded for a header.
func (a Address) String() string {
	if a.Name == "" {
		return a.Email
	}
	return a.Name + " <" + a.Email + ">"
}

// Message is one message as it was received, decoded.
type Message struct {
	// ID is the simulator's own number of the message; later ones are greater.
	ID        int64     `json:"id"`
	Received  time.Time `json:"received"`
	Via       string    `json:"via"`
	MessageID string    `json:"messageId"`
	From      Address   `json:"from"`
	To        []Address `json:"to"`
	Cc        []Address `json:"cc,omitempty"`
	// Recipients are the addresses of the envelope: who would get it, whatever the headers say.
	Recipients []string `json:"recipients"`
	Subject    string   `json:"subject"`
	Text       string   `json:"text,omitempty"`
	HTML       string   `json:"html,omitempty"`
	// Headers holds every header, decoded.
	Headers map[string][]string `json:"headers,omitempty"`
	// CustomArgs are SendGrid's custom_args.
	CustomArgs map[string]string `json:"customArgs,omitempty"`
}

// isTo reports whether the message went to the address; an empty address matches all.
func (m Message) isTo(address string) bool {
	if address == "" {
		return true
	}
	for _, r := range m.Recipients {
		if strings.EqualFold(r, address) {
			return true
		}
	}
	return false
}

// isAbout reports whether the message goes to somebody or speaks of somebody, for the fault schedule.
func (m Message) isAbout(words string) bool {
	texts := append([]string{m.Subject, m.Text, m.HTML}, m.Recipients...)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, words) })
}

func fromNetMail(list []*mail.Address) []Address {
	out := make([]Address, 0, len(list))
	for _, a := range list {
		out = append(out, Address{Name: a.Name, Email: a.Address})
	}
	return out
}
