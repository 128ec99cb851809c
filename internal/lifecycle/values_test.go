package lifecycle

import (
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: 1, Column: 1}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://badges.contoso.example/tenure": true,
		"http://127.0.0.1:8080/hook":            true,
		"http://127.9.8.7/":                     true,
		"http://localhost:8080/":                true,
		"http://[::1]:8080/":                    true,
		"http://badges.contoso.example/":        false,
		"http://127.0.0.1.contoso.example/":     false,
		"http://127.0.0.999/":                   false,
		"http://localhost.contoso.example/":     false,
		"ftp://contoso.example/":                false,
		"contoso.example/tenure":                false,
		"https:///tenure":                       false,
		"https://a:b@contoso.example/":          false,
		"https://contoso.example/#x":            false,
		"https://contoso.example/%zz":           false,
	} {
		l := &loader{}
		if got := l.address(scalar(address), "url") != ""; got != want || got != (len(l.problems) == 0) {
			t.Errorf("%s: taken %t, want %t; problems %v", address, got, want, l.problems)
		}
	}
}

func TestMailAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"it@contoso.example": true, "first.last+tag@mail.contoso.example": true, "o'neil@contoso.example": true,
		"it": false, "it@": false, "@contoso.example": false, "it@contoso": false, "it@@contoso.example": false,
		"a..b@contoso.example": false, ".a@contoso.example": false, "IT <it@contoso.example>": false,
		"it@contoso.example,x@contoso.example": false, "it@contoso.example\r\nBcc: x@contoso.example": false, "it@-contoso.example": false,
	} {
		if got := isMailAddress(address); got != want {
			t.Errorf("%q: %t, want %t", address, got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Duration{
		"30m": {Instant: 30 * time.Minute}, "8h": {Instant: 8 * time.Hour}, "-12h": {Instant: -12 * time.Hour},
		"7d": {Days: 7}, "-2w": {Days: -14}, "0d": {}, "3660d": {Days: 3660},
	} {
		l := &loader{}
		if got := l.duration(scalar(text), "offset", Duration{}); got != want || len(l.problems) > 0 {
			t.Errorf("%s = %+v, want %+v; problems %v", text, got, want, l.problems)
		}
	}
	for _, text := range []string{"", "7", "d", "1.5d", "7 d", "+7d", "7D", "1h30m", "999999w", "5bd", "--7d", "30s", "٣d"} {
		l := &loader{}
		if l.duration(scalar(text), "offset", Duration{}); len(l.problems) != 1 {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestNamesInIDs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"hr": true, "R2.d2_x-y": true, "": false, "-hr": false, "a/b": false, "a b": false, "é": false, "a%2f": false,
	} {
		if got := isName(name); got != want {
			t.Errorf("%q: %t, want %t", name, got, want)
		}
	}
}
