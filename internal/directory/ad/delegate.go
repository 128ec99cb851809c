package ad

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"tenure/internal/directory"
)

// The tools that rights are given by.
const (
	toolDsacls     = "dsacls"
	toolPowerShell = "PowerShell"
	toolSamba      = "samba-tool"
)

// The identifiers of the schema that are the same in every forest.
const (
	userClassID  = "bf967aba-0de6-11d0-a285-00aa003049e2"
	resetRightID = "00299570-246d-11d0-a768-00aa006e0529"
	memberID     = "bf9679c0-0de6-11d0-a285-00aa003049e2"
)

// kindOfRight is what may be done.
type kindOfRight int

const (
	makeUsers kindOfRight = iota
	resetPasswords
	writeOfUsers // an attribute of the accounts below a container
	writeMember  // the members of one group
)

// right is something that may be done on an object or below it.
type right struct {
	kind kindOfRight
	on   string
	// attribute and its schemaIDGUID are those of writeOfUsers.
	attribute, id string
}

// grantee is who gets a right: the bind account.
type grantee struct {
	// name is one that dsacls takes, sid "" where it could not be read.
	name, sid string
}

// commands give a right, in the language of each tool that can be told all it
// needs. A name that a shell might read as more than a name gets none.
func (g grantee) commands(r right) []directory.Command {
	if !harmless(r.on) || !harmless(g.name) || !harmless(r.attribute) {
		return nil
	}
	out := []directory.Command{{Tool: toolDsacls, Line: g.dsacls(r)}}
	if g.sid == "" || r.kind == writeOfUsers && r.id == "" {
		return out
	}
	return append(out, directory.Command{Tool: toolPowerShell, Line: g.powerShell(r)}, directory.Command{Tool: toolSamba, Line: g.samba(r)})
}

// harmless tells whether a name stays a name between quotes of any shell.
func harmless(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("\"'`$%!&|<>^;‘’‚‛“”„", r)
	})
}

func (g grantee) dsacls(r right) string {
	inherit, ace := "/I:S ", ""
	switch r.kind {
	case makeUsers:
		inherit, ace = "/I:T ", "CCDC;user"
	case resetPasswords:
		ace = "CA;Reset Password;user"
	case writeOfUsers:
		ace = "WP;" + r.attribute + ";user"
	case writeMember:
		inherit, ace = "", "WP;"+attrMember
	}
	return fmt.Sprintf(`dsacls "%s" %s/G "%s:%s"`, r.on, inherit, g.name, ace)
}

func (g grantee) powerShell(r right) string {
	rule := ""
	switch r.kind {
	case makeUsers:
		rule = fmt.Sprintf("'CreateChild,DeleteChild','Allow',[guid]'%s','All'", userClassID)
	case resetPasswords:
		rule = fmt.Sprintf("'ExtendedRight','Allow',[guid]'%s','Descendents',[guid]'%s'", resetRightID, userClassID)
	case writeOfUsers:
		rule = fmt.Sprintf("'WriteProperty','Allow',[guid]'%s','Descendents',[guid]'%s'", r.id, userClassID)
	case writeMember:
		rule = fmt.Sprintf("'WriteProperty','Allow',[guid]'%s','None'", memberID)
	}
	return fmt.Sprintf("$p='AD:\\%s'; $a=Get-Acl $p; $a.AddAccessRule([DirectoryServices.ActiveDirectoryAccessRule]::new("+
		"[Security.Principal.SecurityIdentifier]'%s',%s)); Set-Acl $p $a", r.on, g.sid, rule)
}

func (g grantee) samba(r right) string {
	ace := ""
	switch r.kind {
	case makeUsers:
		ace = "OA;CI;CCDC;" + userClassID + ";"
	case resetPasswords:
		ace = "OA;CIIO;CR;" + resetRightID + ";" + userClassID
	case writeOfUsers:
		ace = "OA;CIIO;WP;" + r.id + ";" + userClassID
	case writeMember:
		ace = "OA;;WP;" + memberID + ";"
	}
	return fmt.Sprintf("samba-tool dsacl set --objectdn='%s' --sddl='(%s;%s)'", r.on, ace, g.sid)
}

// text writes the identifier as people and tools do, "" where it is none.
func (s sid) text() string {
	if len(s) < sidHeader+sidPart || len(s)%sidPart != 0 {
		return ""
	}
	const revision, authority = 0, 2
	var b strings.Builder
	fmt.Fprintf(&b, "S-%d-%d", s[revision], binary.BigEndian.Uint64(append([]byte{0, 0}, s[authority:sidHeader]...)))
	for rest := s[sidHeader:]; len(rest) > 0; rest = rest[sidPart:] {
		fmt.Fprintf(&b, "-%d", binary.LittleEndian.Uint32(rest))
	}
	return b.String()
}

// lines are the commands of one tool.
func lines(commands []directory.Command, tool string) []string {
	var out []string
	for _, c := range commands {
		if c.Tool == tool {
			out = append(out, c.Line)
		}
	}
	return out
}

// identifier is a schemaIDGUID as tools write it.
func identifier(raw []byte) string {
	text := guidText(raw)
	if _, err := uuid.Parse(text); err != nil {
		return ""
	}
	return text
}
