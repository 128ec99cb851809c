package ad

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

const (
	testUser  = "S-1-5-21-1-2-3-1104"
	testGroup = "S-1-5-21-1-2-3-1105"
)

// TestMayReset takes the entries in order, the first that speaks decides.
func TestMayReset(t *testing.T) {
	t.Parallel()
	const other = "ab721a53-1e2f-11d0-9819-00aa0040529b" // to change a password by the old one
	general := accessEntry{kind: allow, mask: maskExtendedRight, who: testUser}
	reset := accessEntry{kind: allowObject, mask: maskExtendedRight, right: resetRightID, who: testGroup}
	with := func(e accessEntry, change func(*accessEntry)) accessEntry { change(&e); return e }
	for name, tc := range map[string]struct {
		list   []accessEntry
		speaks func(accessEntry) bool
		want   bool
	}{
		"nothing":                               {nil, ofItself, false},
		"every extended one":                    {[]accessEntry{general}, ofItself, true},
		"everything":                            {[]accessEntry{with(general, func(e *accessEntry) { e.mask = maskEverything })}, ofItself, true},
		"this one by a group":                   {[]accessEntry{reset}, ofItself, true},
		"an object entry for all extended ones": {[]accessEntry{with(reset, func(e *accessEntry) { e.right = "" })}, ofItself, true},
		"another right":                         {[]accessEntry{with(reset, func(e *accessEntry) { e.right = other })}, ofItself, false},
		"somebody else":                         {[]accessEntry{with(reset, func(e *accessEntry) { e.who = "S-1-5-21-1-2-3-500" })}, ofItself, false},
		"to write alone":                        {[]accessEntry{with(general, func(e *accessEntry) { e.mask = 0x20 })}, ofItself, false},
		"for what is below":                     {[]accessEntry{with(reset, func(e *accessEntry) { e.flags = entryInherits | entryInheritOnly })}, ofItself, false},
		"a denial first":                        {[]accessEntry{with(reset, func(e *accessEntry) { e.kind = denyObject }), general}, ofItself, false},
		"a denial later":                        {[]accessEntry{general, with(reset, func(e *accessEntry) { e.kind = denyObject })}, ofItself, true},
		"a denial of another right":             {[]accessEntry{with(reset, func(e *accessEntry) { e.kind, e.right = denyObject, other }), general}, ofItself, true},
		"a denial of the class":                 {[]accessEntry{with(reset, func(e *accessEntry) { e.kind, e.right = denyObject, userClassID }), general}, ofItself, false},
		"a denial by a condition":               {[]accessEntry{with(general, func(e *accessEntry) { e.kind = denyConditional }), reset}, ofItself, false},
		"an audit entry":                        {[]accessEntry{with(general, func(e *accessEntry) { e.kind = 2 })}, ofItself, false},
		"handed on":                             {[]accessEntry{with(reset, func(e *accessEntry) { e.flags, e.class = entryInherits|entryInheritOnly, userClassID })}, ofNewUsers, true},
		"handed on to all":                      {[]accessEntry{with(general, func(e *accessEntry) { e.flags = entryInherits })}, ofNewUsers, true},
		"handed on to groups":                   {[]accessEntry{with(reset, func(e *accessEntry) { e.flags, e.class = entryInherits, memberID })}, ofNewUsers, false},
		"not handed on":                         {[]accessEntry{general}, ofNewUsers, false},
		"handed on one step":                    {[]accessEntry{with(general, func(e *accessEntry) { e.flags = entryInherits | entryInheritsOne })}, ofNewUsers, false},
		"a denial handed on a step":             {[]accessEntry{with(general, func(e *accessEntry) { e.kind, e.flags = deny, entryInherits|entryInheritsOne }), with(reset, func(e *accessEntry) { e.flags = entryInherits })}, ofNewUsers, false},
	} {
		if got := lets(tc.list, []string{testUser, testGroup}, toReset(), tc.speaks); got != tc.want {
			t.Errorf("%s: may reset = %t, want %t", name, got, tc.want)
		}
	}
}

// described is a descriptor of entries in hexadecimal.
func described(t interface{ Fatal(...any) }, entries ...string) []byte {
	body, err := hex.DecodeString(strings.Join(entries, ""))
	if err != nil {
		t.Fatal(err)
	}
	out := []byte{1, 0, 0x04, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, descriptorHeader, 0, 0, 0, 4, 0}
	out = binary.LittleEndian.AppendUint16(out, uint16(listHeader+len(body)))
	out = binary.LittleEndian.AppendUint16(out, uint16(len(entries)))
	return append(append(out, 0, 0), body...)
}

// Entries as a controller sends them: everybody may read; one account may reset
// passwords, on users below.
const (
	readEntry  = "0000140094000200" + "010100000000000100000000"
	resetEntry = "050a480000010000" + "03000000" + "70952900" + "6d24" + "d011" + "a76800aa006e0529" + "ba7a96bf" + "e60d" + "d011" + "a28500aa003049e2" +
		"010500000000000515000000010000000200000003000000" + "50040000"
)

// TestAccessList reads what a controller sends.
func TestAccessList(t *testing.T) {
	t.Parallel()
	list, err := accessList(described(t, readEntry, resetEntry))
	if err != nil {
		t.Fatal(err)
	}
	want := []accessEntry{
		{kind: allow, mask: 0x20094, who: "S-1-1-0"},
		{kind: allowObject, flags: entryInherits | entryInheritOnly, mask: maskExtendedRight, right: resetRightID, class: userClassID, who: "S-1-5-21-1-2-3-1104"},
	}
	if len(list) != 2 || list[0] != want[0] || list[1] != want[1] {
		t.Errorf("list = %+v, want %+v", list, want)
	}
}

// FuzzAccessList reads anything: it refuses or answers with what fits into it.
func FuzzAccessList(f *testing.F) {
	whole := described(f, readEntry, resetEntry)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(described(f))
	f.Add([]byte{1, 0, 0x04, 0x80})
	for i := range whole {
		hostile := append([]byte(nil), whole...)
		hostile[i] = 0xFF
		f.Add(hostile)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := accessList(raw)
		if err != nil && list != nil {
			t.Errorf("a list of %d comes with the error %v", len(list), err)
		}
		if len(list)*entryHeader > len(raw) {
			t.Errorf("%d entries in %d bytes", len(list), len(raw))
		}
		lets(list, []string{testUser, sidEveryone}, toReset(), ofItself)
		lets(list, []string{testUser, sidEveryone}, toReset(), ofNewUsers)
	})
}
