package ad

import (
	"slices"
	"strconv"
	"strings"
)

// search is a decoded search request.
type search struct {
	base      string
	scope     int64
	limit     int64
	typesOnly bool
	filter    filter
	attrs     []string
	names     extendedNames
	dacl      bool // of security descriptors, who may what and nothing else
}

const (
	scopeBase = iota
	scopeOne
	scopeSub
)

func decodeSearch(op element) (search, error) {
	parts, err := op.want(opSearch, 8)
	if err != nil {
		return search{}, err
	}
	var q search
	if q.base, err = parts[0].text(); err != nil {
		return q, err
	}
	if q.scope, err = parts[1].number(tagEnum); err != nil || q.scope < scopeBase || q.scope > scopeSub {
		return q, errBER
	}
	if q.limit, err = parts[3].number(tagInteger); err != nil || q.limit < 0 {
		return q, errBER
	}
	if q.typesOnly, err = parts[5].truth(); err != nil {
		return q, err
	}
	if q.filter, err = decodeFilter(parts[6], 0); err != nil {
		return q, err
	}
	names, err := parts[7].want(tagSequence, 0)
	if err != nil {
		return q, err
	}
	for _, n := range names {
		name, err := n.text()
		if err != nil {
			return q, err
		}
		q.attrs = append(q.attrs, name)
	}
	return q, nil
}

// search answers a search request with its entries, its references and its result, which it returns too.
func (s *Server) search(c *call) ([]byte, error) {
	q := c.search
	if q.base == "" && q.scope == scopeBase {
		return append(c.request.message(s.rootDSE(q)), c.request.result(nil)...), nil
	}
	err := s.authenticated(c)
	if err == nil {
		q.names, err = decodeExtendedNames(c)
	}
	if err == nil {
		q.dacl, err = decodeParts(c)
	}
	if err != nil {
		return c.request.result(err), err
	}
	found, controls, err := s.page(c)
	var out []byte
	for _, id := range found {
		// What was deleted since the first page is left out.
		if e := s.d.entries[id]; e != nil {
			out = append(out, c.request.message(s.entryAnswer(e, q, c.who))...)
		}
	}
	if err == nil && q.scope == scopeSub && strings.EqualFold(q.base, s.d.base.String()) && !c.request.has(oidDomainScope) {
		out = append(out, c.request.message(tlv(tagReference, octets("ldaps://"+s.d.dnsName+"/"+s.d.config.String())))...)
	}
	return append(out, c.request.result(err, controls...)...), err
}

// find lists the objects that a search finds, in order of creation.
func (s *Server) find(c *call) ([]guid, error) {
	q := c.search
	base, err := s.d.lookup(q.base)
	deleted := c.request.has(oidShowDeleted) || c.request.has(oidRecycled)
	if err == nil && base.Deleted != nil && !deleted {
		err = noObject(s.d.nameOf(base.Parent))
	}
	if err != nil {
		return nil, err
	}
	shown := func(e *entry) bool {
		switch {
		case e.Deleted == nil:
		case !deleted || !s.isAdmin(c.who):
			return false
		case e.Recycled && !s.opts.NoRecycleBin && !c.request.has(oidRecycled):
			return false
		}
		return s.match(&q.filter, e) == yes
	}
	var out []guid
	if q.scope == scopeBase {
		if shown(base) {
			out = append(out, base.ID)
		}
		return out, nil
	}
	head := s.d.head(base)
	for _, id := range s.d.order {
		e := s.d.entries[id]
		within := q.scope == scopeSub && s.d.below(e, base.ID) || q.scope == scopeOne && e.Parent == base.ID
		if within && s.d.head(e) == head && shown(e) {
			out = append(out, id)
		}
	}
	return out, nil
}

// page is find cut to the page or to the limits.
func (s *Server) page(c *call) ([]guid, [][]byte, error) {
	most := s.opts.MaxPageSize
	if limit := int(c.search.limit); limit > 0 {
		most = min(most, limit)
	}
	paged, ok := c.request.control(oidPaged)
	if !ok {
		found, err := s.find(c)
		if err == nil && len(found) > most {
			return found[:most], nil, refuse(codeSizeLimit, "")
		}
		return found, nil, err
	}
	size, cookie, err := decodePaged(paged.value)
	if err != nil {
		return nil, nil, err
	}
	var left []guid
	if cookie == "" {
		left, err = s.find(c)
	} else if left, ok = c.session.takeCookie(cookie); !ok {
		err = unwilling("00000057")
	}
	if err != nil {
		return nil, nil, err
	}
	if size == 0 || size > s.opts.MaxPageSize {
		size = s.opts.MaxPageSize
	}
	n := min(size, len(left))
	next := ""
	if n < len(left) {
		next = c.session.keepCookie(left[n:])
	}
	value := tlv(tagSequence, integer(tagInteger, 0), octets(next))
	return left[:n], [][]byte{tlv(tagSequence, octets(oidPaged), tlv(tagOctets, value))}, nil
}

func decodePaged(value []byte) (size int, cookie string, err error) {
	e, _, err := next(value)
	if err != nil {
		return 0, "", err
	}
	parts, err := e.want(tagSequence, 2)
	if err != nil {
		return 0, "", err
	}
	n, err := parts[0].number(tagInteger)
	if err != nil || n < 0 || n > 1<<31 {
		return 0, "", errBER
	}
	cookie, err = parts[1].text()
	return int(n), cookie, err
}

// entryAnswer is one object with the attributes that were asked for.
func (s *Server) entryAnswer(e *entry, q search, who *principal) []byte {
	var attrs [][]byte
	add := func(name string, values []string) {
		if len(values) == 0 {
			return
		}
		var set [][]byte
		if !q.typesOnly {
			for _, v := range values {
				set = append(set, octets(v))
			}
		}
		attrs = append(attrs, tlv(tagSequence, octets(name), tlv(tagSet, set...)))
	}
	for _, want := range s.wanted(e, q.attrs) {
		if want.attr.name == attrDescriptor && !q.dacl && !s.isAdmin(who) {
			continue
		}
		if want.attr.keeper == onRequest {
			add(want.attr.name, s.requested(e, want.attr, who))
			continue
		}
		add(want.cut(s.extendedView(e, want.attr, q.names)))
	}
	return tlv(tagEntry, octets(s.name(e.ID, q.names)), tlv(tagSequence, attrs...))
}

// wish is an attribute that was asked for, with the range of its values.
type wish struct {
	attr     *attribute
	from, to int // to < 0: to the last one
	ranged   bool
}

// wanted lists the attributes of an answer: the named ones, or all that are not computed on request.
func (s *Server) wanted(e *entry, names []string) []wish {
	all := len(names) == 0
	var out []wish
	for _, name := range names {
		stem, option, ranged := strings.Cut(name, ";range=")
		switch a := s.schema.find(stem); {
		case name == "*":
			all = true
		case a == nil:
		case ranged:
			if w, ok := parseRange(a, option); ok {
				out = append(out, w)
			}
		default:
			out = append(out, wish{attr: a, to: -1})
		}
	}
	if !all {
		return out
	}
	named := out
	for _, a := range s.schema {
		if a.keeper != onRequest && a.in&e.class().bit != 0 && !slices.ContainsFunc(named, func(w wish) bool { return w.attr == a }) {
			out = append(out, wish{attr: a, to: -1})
		}
	}
	slices.SortFunc(out[len(named):], func(x, y wish) int { return strings.Compare(x.attr.name, y.attr.name) })
	return out
}

func parseRange(a *attribute, option string) (wish, bool) {
	low, high, _ := strings.Cut(option, "-")
	from, err := strconv.Atoi(low)
	w := wish{attr: a, from: from, to: -1, ranged: true}
	if err == nil && high != "*" {
		w.to, err = strconv.Atoi(high)
	}
	return w, err == nil && from >= 0 && (high == "*" || w.to >= from)
}

// maxValues is how many values of an attribute come in one answer.
const maxValues = 1500

// cut answers the part of many values that was asked for, or that fits.
func (w wish) cut(values []string) (string, []string) {
	if !w.ranged && len(values) <= maxValues {
		return w.attr.name, values
	}
	from := min(w.from, len(values))
	to := from + maxValues
	if w.to >= 0 {
		to = min(to, w.to+1)
	}
	if to >= len(values) {
		return w.attr.name + ";range=" + strconv.Itoa(from) + "-*", values[from:]
	}
	return w.attr.name + ";range=" + strconv.Itoa(from) + "-" + strconv.Itoa(to-1), values[from:to]
}

// rootDSE tells about the server to whoever asks, signed in or not.
func (s *Server) rootDSE(q search) []byte {
	config := s.d.config.String()
	all := []attributeList{
		{"currentTime", []string{formatTime(s.now())}},
		{"subschemaSubentry", []string{"CN=Aggregate,CN=Schema," + config}},
		{"dsServiceName", []string{"CN=NTDS Settings,CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites," + config}},
		{"namingContexts", []string{s.d.base.String(), config, "CN=Schema," + config}},
		{"defaultNamingContext", []string{s.d.base.String()}},
		{"schemaNamingContext", []string{"CN=Schema," + config}},
		{"configurationNamingContext", []string{config}},
		{"rootDomainNamingContext", []string{s.d.base.String()}},
		{"supportedControl", knownControls()},
		{"supportedLDAPVersion", []string{"3"}},
		{"supportedExtension", []string{oidStartTLS, oidWhoAmI}},
		{"highestCommittedUSN", []string{itoa(s.d.usn)}},
		{"dnsHostName", []string{"dc1." + s.d.dnsName}},
		{"ldapServiceName", []string{s.d.dnsName + ":dc1$@" + strings.ToUpper(s.d.dnsName)}},
		{"supportedCapabilities", []string{"1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670"}},
		{"isSynchronized", []string{truthTrue}},
		{"isGlobalCatalogReady", []string{truthTrue}},
		{"domainFunctionality", []string{"7"}},
		{"forestFunctionality", []string{"7"}},
		{"domainControllerFunctionality", []string{"7"}},
	}
	var attrs [][]byte
	for _, a := range all {
		if len(q.attrs) > 0 && !slices.ContainsFunc(q.attrs, func(n string) bool { return n == "*" || strings.EqualFold(n, a.name) }) {
			continue
		}
		var set [][]byte
		for _, v := range a.values {
			set = append(set, octets(v))
		}
		attrs = append(attrs, tlv(tagSequence, octets(a.name), tlv(tagSet, set...)))
	}
	return tlv(tagEntry, octets(""), tlv(tagSequence, attrs...))
}
