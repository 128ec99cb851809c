package ad

import (
	"cmp"
	"slices"
	"strings"
)

// verdict is the outcome of a condition: one about an attribute that nobody knows is neither true nor false.
type verdict int8

const (
	no verdict = iota
	undefined
	yes
)

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// match evaluates a filter for one object.
func (s *Server) match(f *filter, e *entry) verdict {
	switch f.op {
	case filterAnd:
		out := yes
		for i := range f.parts {
			out = min(out, s.match(&f.parts[i], e))
		}
		return out
	case filterOr:
		out := no
		for i := range f.parts {
			out = max(out, s.match(&f.parts[i], e))
		}
		return out
	case filterNot:
		return yes - s.match(&f.parts[0], e)
	}
	a := s.schema.find(f.attr)
	if a == nil || a.keeper == onRequest || isAttribute(a.name, attrPassword) {
		return undefined
	}
	values := s.view(e, a)
	switch f.op {
	case filterPresent:
		return verdictOf(len(values) > 0)
	case filterSubstrings:
		return verdictOf((a.syntax == asText || a.syntax == asClass) && slices.ContainsFunc(values, f.contains))
	case filterGreater:
		return verdictOf(slices.ContainsFunc(values, func(v string) bool { return slices.Contains([]int{0, 1}, a.compare(v, f.value)) }))
	case filterLess:
		return verdictOf(slices.ContainsFunc(values, func(v string) bool { return a.compare(v, f.value) <= 0 }))
	case filterExtensible:
		return s.matchRule(f, e, a, values)
	default:
		return verdictOf(s.matchEqual(f.value, a, values))
	}
}

func (s *Server) matchEqual(want string, a *attribute, values []string) bool {
	switch {
	case isAttribute(a.name, attrObjectCategory):
		if c, ok := classNamed(want); ok {
			want = s.categoryDN(c)
		} else if strings.EqualFold(want, "person") {
			want = s.categoryDN(class{category: "Person"})
		}
	case isAttribute(a.name, attrObjectSID):
		if raw, ok := parseSID(want); ok {
			want = raw
		}
	}
	if a.syntax != asDN {
		return slices.ContainsFunc(values, func(v string) bool { return a.same(v, want) })
	}
	if target, err := s.d.lookup(want); err == nil {
		want = s.d.dnOf(target).String()
	}
	parsed, err := parseDN(want)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(values, func(v string) bool {
		got, err := parseDN(v)
		return err == nil && len(got) == len(parsed) && got.endsWith(parsed)
	})
}

// matchRule evaluates an extensible condition. Without a rule it is an equality.
func (s *Server) matchRule(f *filter, e *entry, a *attribute, values []string) verdict {
	switch f.rule {
	case "":
		return verdictOf(s.matchEqual(f.value, a, values))
	case ruleBitAnd, ruleBitOr:
		want, ok := parseInt(f.value)
		if !ok || a.syntax != asInteger && a.syntax != asLargeInteger {
			return undefined
		}
		return verdictOf(slices.ContainsFunc(values, func(v string) bool {
			n, _ := parseInt(v)
			if f.rule == ruleBitOr {
				return n&want != 0
			}
			return n&want == want
		}))
	case ruleChain:
		target, err := s.d.lookup(f.value)
		if err != nil || a.syntax != asDN {
			return no
		}
		return verdictOf(s.reaches(e, a, target.ID))
	default:
		return undefined
	}
}

// reaches follows links of one attribute from an object, over any number of steps.
func (s *Server) reaches(e *entry, a *attribute, target guid) bool {
	seen := map[guid]bool{}
	next := s.linked(e, a)
	for len(next) > 0 {
		id := next[0]
		next = next[1:]
		if id == target {
			return true
		}
		if e := s.d.entries[id]; e != nil && !seen[id] { // nobody here knows whom objects elsewhere link to
			seen[id] = true
			next = append(next, s.linked(e, a)...)
		}
	}
	return false
}

// linked lists the objects at the other end of an attribute's links.
func (s *Server) linked(e *entry, a *attribute) []guid {
	if a.keeper == byBackLink {
		return s.d.sources(a.link, e.ID)
	}
	return s.d.targets(e, a.name)
}

func (f *filter) contains(value string) bool {
	v := fold(value)
	rest, ok := strings.CutPrefix(v, fold(f.initial))
	if !ok {
		return false
	}
	for _, part := range f.middle {
		if _, rest, ok = strings.Cut(rest, fold(part)); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, fold(f.final))
}

// compare orders two values.
func (a *attribute) compare(x, y string) int {
	switch a.syntax {
	case asInteger, asLargeInteger:
		n, okN := parseInt(x)
		m, okM := parseInt(y)
		if !okN || !okM {
			return 2 // neither above nor below
		}
		return cmp.Compare(n, m)
	case asTime:
		t, okT := parseTime(x)
		u, okU := parseTime(y)
		if !okT || !okU {
			return 2
		}
		return t.Compare(u)
	default:
		return cmp.Compare(fold(x), fold(y))
	}
}
