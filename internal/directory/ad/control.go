package ad

import (
	"fmt"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// The controls that Active Directory knows and go-ldap does not, or encodes
// with a criticality that a server reads as false.
const (
	oidExtendedDN  = "1.2.840.113556.1.4.529"
	oidShowDeleted = "1.2.840.113556.1.4.417"
	oidTreeDelete  = "1.2.840.113556.1.4.805"
	oidDomainScope = "1.2.840.113556.1.4.1339"
	oidSDFlags     = "1.2.840.113556.1.4.801"
)

// control is a control with its own encoding: RFC 4511 wants a true of 0xFF.
type control struct {
	oid      string
	critical bool
	value    *ber.Packet
}

var _ ldap.Control = control{}

// GetControlType returns the object identifier.
func (c control) GetControlType() string { return c.oid }

// String describes the control for go-ldap's debugging.
func (c control) String() string { return fmt.Sprintf("control %s, critical %t", c.oid, c.critical) }

// Encode returns the packet.
func (c control) Encode() *ber.Packet {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "Control")
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, c.oid, "Control Type"))
	if c.critical {
		p.AppendChild(ber.NewLDAPBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, true, "Criticality"))
	}
	if c.value != nil {
		value := ber.Encode(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, nil, "Control Value")
		value.AppendChild(c.value)
		p.AppendChild(value)
	}
	return p
}

// extendedDN makes every distinguished name of an answer carry the GUID, as
// <GUID=...>;<SID=...>;CN=..., so that a manager is known without a search.
func extendedDN() ldap.Control {
	value := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "ExtendedDNRequest")
	const asText = 1
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, asText, "Flag"))
	return control{oid: oidExtendedDN, value: value}
}

func showDeleted() ldap.Control { return control{oid: oidShowDeleted, critical: true} }

func treeDelete() ldap.Control { return control{oid: oidTreeDelete, critical: true} }

// domainScope spares the server the look for other domains that might know more.
func domainScope() ldap.Control { return control{oid: oidDomainScope} }

// onlyDACL asks for the part of a security descriptor that says who may what. The
// whole may be read by administrators alone.
func onlyDACL() ldap.Control {
	value := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "SDFlagsRequest")
	const dacl = 4
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, dacl, "Flags"))
	return control{oid: oidSDFlags, critical: true, value: value}
}
