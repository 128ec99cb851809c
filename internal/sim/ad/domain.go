package ad

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strings"
)

// place is where an object lies: no two have the same.
type place struct {
	parent guid
	key    string
}

// back is one end of links of one attribute.
type back struct {
	attr   string
	target guid
}

// domain is the whole state: the domain and its configuration.
type domain struct {
	dnsName, netBIOS string
	base, config     dn
	authority        sid
	usn              int64
	nextRID          uint32

	entries map[guid]*entry
	order   []guid // in order of creation
	heads   []guid // of the naming contexts
	deleted guid   // the container of deleted objects
	places  map[place]guid
	sams    map[string]guid
	upns    map[string]guid
	backs   map[back]map[guid]bool
	// phantoms are the objects of other domains that links lead to.
	phantoms map[guid]phantom

	dirty    map[guid]bool // what has changed since it was kept
	settings bool          // something else has
}

const firstRID = 1103

func newDomain(dnsName, netBIOS string) *domain {
	d := &domain{
		dnsName: dnsName, netBIOS: netBIOS, nextRID: firstRID, usn: 12_000,
		entries: map[guid]*entry{}, places: map[place]guid{}, sams: map[string]guid{}, upns: map[string]guid{},
		backs: map[back]map[guid]bool{}, phantoms: map[guid]phantom{}, dirty: map[guid]bool{},
	}
	for label := range strings.SplitSeq(dnsName, ".") {
		d.base = append(d.base, rdn{"DC", label})
	}
	d.config = append(dn{{"CN", "Configuration"}}, d.base...)
	d.authority = sid{21, random32(), random32(), random32()}
	return d
}

func random32() uint32 {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return binary.LittleEndian.Uint32(b)
}

func newGUID() guid {
	var g guid
	_, _ = rand.Read(g[:]) // never fails: crypto/rand ends the program instead
	g[7], g[8] = g[7]&0x0f|0x40, g[8]&0x3f|0x80
	return g
}

// dnOf is the name of an object as it is now.
func (d *domain) dnOf(e *entry) dn {
	var out dn
	for e != nil {
		if e.Base != nil {
			return append(out, e.Base...)
		}
		out = append(out, e.RDN)
		e = d.entries[e.Parent]
	}
	return out
}

func (d *domain) nameOf(id guid) string {
	e := d.entries[id]
	if e == nil {
		return d.phantoms[id].Name.String()
	}
	return d.dnOf(e).String()
}

// head is the naming context of an object.
func (d *domain) head(e *entry) guid {
	for e.Base == nil {
		e = d.entries[e.Parent]
	}
	return e.ID
}

// nearest is the object that the longest tail of a name finds, with what is left of the name.
func (d *domain) nearest(name dn) (*entry, dn) {
	var at *entry
	left := name
	for _, id := range d.heads {
		head := d.entries[id]
		if name.endsWith(head.Base) && len(name)-len(head.Base) < len(left)+1 {
			at, left = head, name[:len(name)-len(head.Base)]
		}
	}
	if at == nil {
		return nil, name
	}
	for len(left) > 0 {
		id, ok := d.places[place{at.ID, left[len(left)-1].key()}]
		if !ok {
			break
		}
		at, left = d.entries[id], left[:len(left)-1]
	}
	return at, left
}

// sidOf is the security identifier of an account, nil for others.
func (d *domain) sidOf(e *entry) sid {
	switch {
	case e.RID == 0:
		return nil
	case e.Builtin:
		return sid{32, e.RID}
	default:
		return append(slices.Clone(d.authority), e.RID)
	}
}

// lookup resolves what a client names an object by: a distinguished name, <GUID=...> or <SID=...>.
func (d *domain) lookup(name string) (*entry, error) {
	if inner, ok := strings.CutPrefix(name, "<"); ok {
		inner, ok = strings.CutSuffix(inner, ">")
		if !ok {
			return nil, badName()
		}
		return d.lookupAlternative(inner)
	}
	parsed, err := parseDN(name)
	if err != nil {
		return nil, badName()
	}
	e, left := d.nearest(parsed)
	switch {
	case e == nil && len(parsed) > 0:
		return nil, &refusalError{
			code: codeReferral, text: "0000202B: RefErr: DSID-03100835, data 0, 1 access points\n\tref 1: '" + dnsOf(parsed) + "'\n",
			referral: "ldap://" + dnsOf(parsed) + "/" + parsed.String(),
		}
	case e == nil:
		return nil, noObject("")
	case len(left) > 0:
		return nil, noObject(d.dnOf(e).String())
	}
	return e, nil
}

func (d *domain) lookupAlternative(inner string) (*entry, error) {
	kind, value, _ := strings.Cut(inner, "=")
	switch strings.ToUpper(kind) {
	case "GUID":
		id, ok := parseGUID(value)
		if !ok {
			return nil, badName()
		}
		if e := d.entries[id]; e != nil {
			return e, nil
		}
	case "SID":
		raw, ok := parseSID(value)
		if !ok {
			return nil, badName()
		}
		for _, e := range d.entries {
			if s := d.sidOf(e); s != nil && s.bytes() == raw {
				return e, nil
			}
		}
	default:
		return nil, badName()
	}
	return nil, noObject("")
}

// dnsOf is the DNS name of the domain components of a name.
func dnsOf(name dn) string {
	var labels []string
	for _, step := range name {
		if strings.EqualFold(step.attr, "DC") {
			labels = append(labels, step.value)
		}
	}
	return strings.Join(labels, ".")
}

// put keeps an object as it is now, new or changed, with its indexes.
func (d *domain) put(e *entry) {
	old := d.entries[e.ID]
	if old == nil {
		d.order = append(d.order, e.ID)
	} else {
		d.unindex(old)
	}
	d.entries[e.ID], d.dirty[e.ID] = e, true
	if e.Base == nil {
		d.places[place{e.Parent, e.RDN.key()}] = e.ID
	}
	if e.Deleted == nil {
		if sam := e.first(attrSAM); sam != "" {
			d.sams[fold(sam)] = e.ID
		}
		if upn := e.first(attrUPN); upn != "" {
			d.upns[fold(upn)] = e.ID
		}
	}
	for attr, targets := range e.Links {
		for _, target := range targets {
			key := back{attr, target}
			if d.backs[key] == nil {
				d.backs[key] = map[guid]bool{}
			}
			d.backs[key][e.ID] = true
		}
	}
}

func (d *domain) unindex(e *entry) {
	delete(d.places, place{e.Parent, e.RDN.key()})
	if key := fold(e.first(attrSAM)); d.sams[key] == e.ID {
		delete(d.sams, key)
	}
	if key := fold(e.first(attrUPN)); d.upns[key] == e.ID {
		delete(d.upns, key)
	}
	for attr, targets := range e.Links {
		for _, target := range targets {
			delete(d.backs[back{attr, target}], e.ID)
		}
	}
}

// drop forgets an object for good.
func (d *domain) drop(e *entry) {
	d.unindex(e)
	d.unlink(e.ID)
	delete(d.entries, e.ID)
	d.dirty[e.ID] = true
	d.order = slices.DeleteFunc(d.order, func(id guid) bool { return id == e.ID })
}

// unlink ends every link to an object.
func (d *domain) unlink(id guid) {
	for key, sources := range d.backs {
		if key.target != id {
			continue
		}
		for source := range sources {
			e := d.entries[source].clone()
			e.Links[key.attr] = slices.DeleteFunc(slices.Clone(e.Links[key.attr]), func(t guid) bool { return t == id })
			d.put(e)
		}
	}
}

// sources lists the live objects that link to one, in order of creation.
func (d *domain) sources(attr string, target guid) []guid {
	var out []guid
	for id := range d.backs[back{strings.ToLower(attr), target}] {
		if e := d.entries[id]; e != nil && e.Deleted == nil {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(a, b guid) int { return int(d.entries[a].USNCreated - d.entries[b].USNCreated) })
	return out
}

// targets lists the live objects that an object links to, those too that another domain holds.
func (d *domain) targets(e *entry, attr string) []guid {
	var out []guid
	for _, id := range e.Links[strings.ToLower(attr)] {
		t := d.entries[id]
		if _, elsewhere := d.phantoms[id]; elsewhere || t != nil && t.Deleted == nil {
			out = append(out, id)
		}
	}
	return out
}

func (d *domain) hasChildren(id guid) bool {
	return slices.ContainsFunc(d.order, func(other guid) bool { return d.entries[other].Parent == id && other != id })
}

// below tells whether an object lies in the subtree of another.
func (d *domain) below(e *entry, top guid) bool {
	for e != nil {
		if e.ID == top {
			return true
		}
		if e.Base != nil && e.Parent == (guid{}) {
			return false
		}
		e = d.entries[e.Parent]
	}
	return false
}
