package ad

import (
	"slices"
	"strings"
)

// The tags of a filter.
const (
	filterAnd        = 0xa0
	filterOr         = 0xa1
	filterNot        = 0xa2
	filterEqual      = 0xa3
	filterSubstrings = 0xa4
	filterGreater    = 0xa5
	filterLess       = 0xa6
	filterPresent    = 0x87
	filterApprox     = 0xa8
	filterExtensible = 0xa9

	filterDepth = 64
)

// The matching rules of a domain controller.
const (
	ruleBitAnd = "1.2.840.113556.1.4.803"
	ruleBitOr  = "1.2.840.113556.1.4.804"
	ruleChain  = "1.2.840.113556.1.4.1941"
)

// filter is one condition of a search.
type filter struct {
	op    byte
	parts []filter // of and, or, not
	attr  string
	value string
	rule  string
	// Of substrings: what the value begins with, contains in this order, and ends with.
	initial, final string
	middle         []string
}

// decodeFilter reads a filter of bounded depth.
func decodeFilter(e element, depth int) (filter, error) {
	if depth > filterDepth {
		return filter{}, errBER
	}
	f := filter{op: e.tag}
	switch e.tag {
	case filterAnd, filterOr, filterNot:
		parts, err := elements(e.body)
		if err != nil || e.tag == filterNot && len(parts) != 1 {
			return f, errBER
		}
		for _, p := range parts {
			inner, err := decodeFilter(p, depth+1)
			if err != nil {
				return f, err
			}
			f.parts = append(f.parts, inner)
		}
		return f, nil
	case filterPresent:
		f.attr = string(e.body)
		return f, nil
	case filterEqual, filterGreater, filterLess, filterApprox:
		return f, f.readAssertion(e)
	case filterSubstrings:
		return f, f.readSubstrings(e)
	case filterExtensible:
		return f, f.readExtensible(e)
	default:
		return f, errBER
	}
}

func (f *filter) readAssertion(e element) error {
	parts, err := e.want(f.op, 2)
	if err != nil {
		return err
	}
	if f.attr, err = parts[0].text(); err != nil {
		return err
	}
	f.value, err = parts[1].text()
	return err
}

func (f *filter) readSubstrings(e element) error {
	parts, err := e.want(f.op, 2)
	if err != nil {
		return err
	}
	if f.attr, err = parts[0].text(); err != nil {
		return err
	}
	list, err := parts[1].want(tagSequence, 1)
	if err != nil {
		return err
	}
	for _, p := range list {
		switch p.tag {
		case 0x80:
			f.initial = string(p.body)
		case 0x81:
			f.middle = append(f.middle, string(p.body))
		case 0x82:
			f.final = string(p.body)
		default:
			return errBER
		}
	}
	return nil
}

func (f *filter) readExtensible(e element) error {
	parts, err := elements(e.body)
	if err != nil {
		return err
	}
	for _, p := range parts {
		switch p.tag {
		case 0x81:
			f.rule = string(p.body)
		case 0x82:
			f.attr = string(p.body)
		case 0x83:
			f.value = string(p.body)
		case 0x84: // matching the names in the DN too: not what this server does
		default:
			return errBER
		}
	}
	return nil
}

// attributes lists what the filter asks for, folded, sorted and once each.
func (f *filter) attributes() []string {
	var out []string
	if f.attr != "" {
		out = append(out, strings.ToLower(f.attr))
	}
	for i := range f.parts {
		out = append(out, f.parts[i].attributes()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// values lists the values that the filter compares with.
func (f *filter) values() []string {
	out := []string{}
	if f.value != "" {
		out = append(out, f.value)
	}
	for i := range f.parts {
		out = append(out, f.parts[i].values()...)
	}
	return out
}
