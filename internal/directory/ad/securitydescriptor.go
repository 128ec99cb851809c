package ad

import (
	"encoding/binary"
	"errors"
	"slices"
)

// The shape of a security descriptor and of what is in it ([MS-DTYP] 2.4).
const (
	descriptorHeader   = 20
	descriptorHasDACL  = 0x0004
	descriptorRelative = 0x8000
	listHeader         = 8
	entryHeader        = 8 // with the mask

	entryInherits    = 0x02 // by containers
	entryInheritsOne = 0x04 // and no further
	entryInheritOnly = 0x08

	objectHasType      = 0x1
	objectHasInherited = 0x2

	maskWrite         = 0x00000020
	maskExtendedRight = 0x00000100
	maskEverything    = 0x10000000

	maxSIDParts = 15
)

// The kinds of entry that allow or deny. The conditional ones depend on what only
// the controller knows.
const (
	allow, deny                            = 0x0, 0x1
	allowObject, denyObject                = 0x5, 0x6
	denyConditional, denyObjectConditional = 0xA, 0xC
)

var errDescriptor = errors.New("not a security descriptor with a list of who may what")

// accessEntry is one line of who may what.
type accessEntry struct {
	kind, flags byte
	mask        uint32
	// right and class are GUIDs, "" for all.
	right, class string
	who          string
}

// accessList reads the list of who may what from a security descriptor. What is no
// such thing is an error; a list that is absent, which lets everybody in, is one too.
func accessList(raw []byte) ([]accessEntry, error) {
	if len(raw) < descriptorHeader || raw[0] != 1 {
		return nil, errDescriptor
	}
	const atControl, atList = 2, 16
	control := binary.LittleEndian.Uint16(raw[atControl:])
	start := uint64(binary.LittleEndian.Uint32(raw[atList:]))
	if control&descriptorRelative == 0 || control&descriptorHasDACL == 0 || start < descriptorHeader || start+listHeader > uint64(len(raw)) {
		return nil, errDescriptor
	}
	list := raw[start:]
	const atSize, atCount = 2, 4
	size, count := int(binary.LittleEndian.Uint16(list[atSize:])), int(binary.LittleEndian.Uint16(list[atCount:]))
	if size < listHeader || size > len(list) {
		return nil, errDescriptor
	}
	rest := list[listHeader:size]
	var out []accessEntry
	for range count {
		if len(rest) < entryHeader {
			return nil, errDescriptor
		}
		length := int(binary.LittleEndian.Uint16(rest[atSize:]))
		if length < entryHeader || length > len(rest) {
			return nil, errDescriptor
		}
		e, err := accessEntryOf(rest[:length])
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		rest = rest[length:]
	}
	return out, nil
}

// accessEntryOf reads one entry. Of a kind that neither allows nor denies only the
// kind is read.
func accessEntryOf(raw []byte) (accessEntry, error) {
	const atMask = 4
	e := accessEntry{kind: raw[0], flags: raw[1], mask: binary.LittleEndian.Uint32(raw[atMask:])}
	rest := raw[entryHeader:]
	switch e.kind {
	case allow, deny, denyConditional:
	case allowObject, denyObject, denyObjectConditional:
		const flags = 4
		if len(rest) < flags {
			return e, errDescriptor
		}
		has := binary.LittleEndian.Uint32(rest)
		rest = rest[flags:]
		for _, one := range []struct {
			flag uint32
			guid *string
		}{{objectHasType, &e.right}, {objectHasInherited, &e.class}} {
			if has&one.flag == 0 {
				continue
			}
			if len(rest) < guidLength {
				return e, errDescriptor
			}
			*one.guid, rest = guidText(rest[:guidLength]), rest[guidLength:]
		}
	default:
		return e, nil
	}
	const atParts = 1
	if len(rest) < sidHeader || rest[0] != 1 || rest[atParts] == 0 || rest[atParts] > maxSIDParts {
		return e, errDescriptor
	}
	length := sidHeader + sidPart*int(rest[atParts])
	if len(rest) < length {
		return e, errDescriptor
	}
	e.who = sid(rest[:length]).text()
	return e, nil
}

// wantedRight is what a list is asked for: a bit of the mask, with the GUIDs of which one
// of them is meant.
type wantedRight struct {
	mask  uint32
	names []string
}

// toReset is the right to reset passwords.
func toReset() wantedRight {
	return wantedRight{mask: maskExtendedRight, names: []string{resetRightID}}
}

// lets tells whether a list gives one of somebody's identifiers a right. The first entry
// that says something decides; where none does, they have it not.
func lets(list []accessEntry, identifiers []string, want wantedRight, speaks func(accessEntry) bool) bool {
	for _, e := range list {
		if e.mask&(want.mask|maskEverything) == 0 || !slices.Contains(identifiers, e.who) || !speaks(e) {
			continue
		}
		meant := e.right == "" || slices.Contains(want.names, e.right)
		switch e.kind {
		case deny, denyObject, denyConditional, denyObjectConditional:
			// The class as a whole stands for all that may be done with it.
			if meant || e.right == userClassID {
				return false
			}
		case allow, allowObject:
			if meant {
				return true
			}
		}
	}
	return false
}

// ofItself tells the entries that are about the object that has them.
func ofItself(e accessEntry) bool { return e.flags&entryInheritOnly == 0 }

// ofNewUsers tells the entries of a container that accounts get which are made in it
// or below it. One that goes no further than the container itself may deny, since
// accounts can lie in it, and allows nothing.
func ofNewUsers(e accessEntry) bool {
	denies := e.kind != allow && e.kind != allowObject
	return e.flags&entryInherits != 0 && (denies || e.flags&entryInheritsOne == 0) && (e.class == "" || e.class == userClassID)
}
