package leak_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tenure/deploy/devstack/leak"
)

func searcher(t *testing.T, words ...leak.Word) *leak.Searcher {
	t.Helper()
	s, err := leak.New(words)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	return s
}

func marshal(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Each form is planted among other text, and must be found.
func TestFindsEveryForm(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"s3cret/<&>+value=", "zWölf\"Grad\\\n", "AbCd9#x!", "plainword"} {
		for name, planted := range map[string]string{
			"alone":          secret,
			"in a text":      "said " + secret + " aloud",
			"in a word":      "x" + secret + "x",
			"json":           marshal(t, map[string]string{"password": secret}),
			"json in json":   marshal(t, map[string]string{"error": "answered " + marshal(t, map[string]string{"password": secret})}),
			"query":          url.Values{"client_secret": {secret}}.Encode(),
			"path":           "/x/" + url.PathEscape(secret) + "/y",
			"lower escapes":  "/x/" + strings.ToLower(url.QueryEscape("A")) + strings.NewReplacer("%2F", "%2f", "%3C", "%3c", "%3E", "%3e", "%2B", "%2b", "%3D", "%3d", "%C3", "%c3", "%B6", "%b6", "%5C", "%5c", "%0A", "%0a").Replace(url.QueryEscape(secret)),
			"go":             strconv.Quote("error: " + secret),
			"go, ascii":      strconv.QuoteToASCII("error: " + secret),
			"hex":            "0x" + hex.EncodeToString([]byte(secret)),
			"HEX":            fmt.Sprintf("%X", secret),
			"base64":         base64.StdEncoding.EncodeToString([]byte(secret)),
			"base64 after 1": base64.StdEncoding.EncodeToString([]byte(":" + secret + ":rest")),
			"base64 after 2": base64.StdEncoding.EncodeToString([]byte("u:" + secret + ":rest of it")),
			"base64url":      base64.URLEncoding.EncodeToString([]byte("\xff\xfe\xff" + secret)),
		} {
			s := searcher(t, leak.Word{Kind: "secret", Text: secret})
			s.Search(name, []byte("before "+planted+" behind"))
			if len(s.Found()) == 0 {
				t.Errorf("%s: %q was not found in %q", name, secret, planted)
			}
			for _, f := range s.Found() {
				if strings.Contains(f.String(), secret) || f.Place != name || f.Kind != "secret" {
					t.Errorf("%s: the finding is %q", name, f)
				}
			}
		}
	}
}

// What is not there is not found: similar words, parts of words, other cases.
func TestFindsNothingElse(t *testing.T) {
	t.Parallel()
	s := searcher(t, leak.Word{Kind: "pass", Text: "AbCd9#x!"}, leak.Word{Kind: "name", Text: "Mara", Name: true}, leak.Word{Kind: "name", Text: "Zoë Müller", Name: true})
	for _, text := range []string{
		"", "abc", "abcd9#x!", "AbCd9#x", "marathon", "camara", "Maraë", "éMara", "mara1", "Zoë Müllers", "Zoe Muller",
		base64.StdEncoding.EncodeToString([]byte("another text without it")), strings.Repeat("A", 10_000),
	} {
		s.Search(text, []byte(text))
	}
	if found := s.Found(); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

// Names are found in any case, in addresses and escaped.
func TestFindsNames(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Mara", "MARA", "for mara.", "mara.lindqvist@contoso.example", `{"who":"Mara"}`, "zoë müller", "name=Zo%C3%AB+M%C3%BCller", `Zo\u00eb M\u00fcller`,
		"tenure/mara/1", "for_Mara",
	} {
		s := searcher(t, leak.Word{Kind: "name", Text: "Mara", Name: true}, leak.Word{Kind: "name", Text: "Zoë Müller", Name: true})
		s.Search("here", []byte(text))
		if len(s.Found()) != 1 {
			t.Errorf("%q: found %v, want one", text, s.Found())
		}
	}
}

func TestFindsOncePerPlace(t *testing.T) {
	t.Parallel()
	s := searcher(t, leak.Word{Kind: "pass", Text: "AbCd9#x!"}, leak.Word{Kind: "pass", Text: "another9#"})
	for _, place := range []string{"one", "one", "two"} {
		s.Search(place, []byte("AbCd9#x! AbCd9#x! "))
	}
	var places []string
	for _, f := range s.Found() {
		places = append(places, f.Place)
	}
	if !slices.Equal(places, []string{"one", "two"}) {
		t.Errorf("found in %v, want once in each place", places)
	}
}

func TestRefusesShortWords(t *testing.T) {
	t.Parallel()
	if _, err := leak.New([]leak.Word{{Kind: "pass", Text: "abc"}}); !errors.Is(err, leak.ErrShort) || strings.Contains(err.Error(), "abc") {
		t.Errorf("New() = %v, want %v without the word", err, leak.ErrShort)
	}
}
