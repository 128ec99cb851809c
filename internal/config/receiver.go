package config

import (
	"errors"
	"fmt"
	"net/url"
)

// Receiver is the system of a feed that is told of accounts. Its address is in the
// configuration, not in the policy: who may change a policy cannot send what is
// known of people elsewhere.
type Receiver struct {
	// URL is an https address, one of this machine, or a reference.
	URL string `yaml:"url"`
	// Secret refers to a Standard Webhooks secret (whsec_ and base64).
	Secret string `yaml:"secret"`
}

func (r Receiver) validate(place string) []error {
	var problems []error
	switch {
	case r.URL == "":
		problems = append(problems, fmt.Errorf("%s.url is missing", place))
	case IsReference(r.URL):
		problems = append(problems, validateReference(place+".url", r.URL))
	case !isAddress(r.URL, "https") && !isLoopbackAddress(r.URL):
		problems = append(problems, fmt.Errorf("%s.url is no https address without a password and a query: what is known of people is sent there", place))
	}
	switch {
	case !IsReference(r.Secret):
		problems = append(problems, errors.New(place+".secret is missing or written in clear: want env:NAME or file:PATH"))
	default:
		problems = append(problems, validateReference(place+".secret", r.Secret))
	}
	return problems
}

// isLoopbackAddress reports whether a URL stays on this machine.
func isLoopbackAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && isAddress(text, "http") && isLoopback(u.Hostname())
}
