package leak

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is one that must not be found.
type Word struct {
	// Kind says what it is, for findings: such as pass or client secret.
	Kind string
	Text string
	// Name marks a word of people's language: it is found in any case, and only
	// where it stands alone. A secret is found anywhere.
	Name bool
}

// Finding is a word in a place where it must not be.
type Finding struct {
	Place, Kind, Form string
	// Near is the text around it, without the word.
	Near string
}

// String says what was found and where.
func (f Finding) String() string {
	return fmt.Sprintf("%s: a %s, %s: %s", f.Place, f.Kind, f.Form, f.Near)
}

// indexed is how many bytes of a form are looked up at once; shorter forms are
// not searched for.
const indexed = 4

// ErrShort says that a word is too short to be told from chance.
var ErrShort = errors.New("word is too short to search for")

// Searcher looks for words. It is not safe for concurrent use.
type Searcher struct {
	exact, folded map[uint32][]form
	found         []Finding
	seen          map[Finding]bool
}

// New returns a searcher for words.
func New(words []Word) (*Searcher, error) {
	s := &Searcher{exact: map[uint32][]form{}, folded: map[uint32][]form{}, seen: map[Finding]bool{}}
	for _, word := range words {
		if len(word.Text) < indexed {
			return nil, fmt.Errorf("search for a %s of %d bytes: %w", word.Kind, len(word.Text), ErrShort)
		}
		for _, f := range forms(word) {
			index := s.exact
			if f.alone {
				f.text, index = bytes.ToLower(f.text), s.folded
			}
			start := binary.LittleEndian.Uint32(f.text)
			if !slices.ContainsFunc(index[start], func(other form) bool { return bytes.Equal(other.text, f.text) }) {
				index[start] = append(index[start], f)
			}
		}
	}
	return s, nil
}

// Search looks at what stands in a place and keeps what it finds, a word and
// form once per place.
func (s *Searcher) Search(place string, content []byte) {
	s.search(place, content, s.exact)
	if len(s.folded) > 0 {
		s.search(place, bytes.ToLower(content), s.folded)
	}
}

// Found returns everything that was found, in order.
func (s *Searcher) Found() []Finding { return s.found }

func (s *Searcher) search(place string, content []byte, index map[uint32][]form) {
	for at := 0; at+indexed <= len(content); at++ {
		for _, f := range index[binary.LittleEndian.Uint32(content[at:])] {
			end := at + len(f.text)
			if !bytes.HasPrefix(content[at:], f.text) || f.alone && !alone(content, at, end) {
				continue
			}
			key := Finding{Place: place, Kind: f.kind, Form: f.name}
			if !s.seen[key] {
				s.seen[key] = true
				key.Near = near(content, at, end)
				s.found = append(s.found, key)
			}
		}
	}
}

// alone reports whether no letter or digit goes on before or behind.
func alone(content []byte, start, end int) bool {
	before, _ := utf8.DecodeLastRune(content[:start])
	behind, _ := utf8.DecodeRune(content[end:])
	goesOn := func(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	return !goesOn(before) && !goesOn(behind)
}

// near is the text around a word, printable and without it.
func near(content []byte, start, end int) string {
	const around = 60
	before, behind := content[max(0, start-around):start], content[end:min(len(content), end+around)]
	return strings.Trim(fmt.Sprintf("%q", before), `"`) + "[...]" + strings.Trim(fmt.Sprintf("%q", behind), `"`)
}
