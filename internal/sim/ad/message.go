package ad

import "strings"

// The operations, by the tag of the request.
const (
	opBind     = 0x60
	opUnbind   = 0x42
	opSearch   = 0x63
	opModify   = 0x66
	opAdd      = 0x68
	opDelete   = 0x4a
	opModifyDN = 0x6c
	opCompare  = 0x6e
	opAbandon  = 0x50
	opExtended = 0x77
)

const (
	tagEntry          = 0x64
	tagSearchDone     = 0x65
	tagReference      = 0x73
	tagExtendedAnswer = 0x78
	tagControls       = 0xa0
	tagReferral       = 0xa3
	tagResponseName   = 0x8a
	tagResponseValue  = 0x8b
)

// The controls that the server knows.
const (
	oidPaged       = "1.2.840.113556.1.4.319"
	oidShowDeleted = "1.2.840.113556.1.4.417"
	oidRecycled    = "1.2.840.113556.1.4.2064"
	oidDeactivated = "1.2.840.113556.1.4.2065"
	oidPermissive  = "1.2.840.113556.1.4.1413"
	oidTreeDelete  = "1.2.840.113556.1.4.805"
	oidDomainScope = "1.2.840.113556.1.4.1339"
	oidSDFlags     = "1.2.840.113556.1.4.801"
	oidExtendedDN  = "1.2.840.113556.1.4.529"
	oidLazyCommit  = "1.2.840.113556.1.4.619"
	oidStartTLS    = "1.3.6.1.4.1.1466.20037"
	oidWhoAmI      = "1.3.6.1.4.1.4203.1.11.3"
	oidDisconnect  = "1.3.6.1.4.1.1466.20036"
)

func knownControls() []string {
	return []string{
		oidPaged, oidShowDeleted, oidRecycled, oidDeactivated, oidPermissive, oidTreeDelete, oidDomainScope, oidSDFlags, oidLazyCommit,
		oidExtendedDN,
	}
}

// request is one decoded message: its operation is decoded by whoever performs it.
type request struct {
	id       int64
	op       element
	controls []control
}

type control struct {
	oid      string
	critical bool
	value    []byte
}

// opNames are the words of the journal.
func opName(tag byte) string {
	switch tag {
	case opBind:
		return OpBind
	case opSearch:
		return OpSearch
	case opModify:
		return OpModify
	case opAdd:
		return OpAdd
	case opDelete:
		return OpDelete
	case opModifyDN:
		return OpModifyDN
	case opCompare:
		return OpCompare
	case opExtended:
		return OpExtended
	default:
		return "unknown"
	}
}

// answerTag is the tag of the answer to an operation.
func answerTag(op byte) byte {
	switch op {
	case opSearch:
		return tagSearchDone
	case opDelete:
		return 0x6b
	case opExtended:
		return tagExtendedAnswer
	default:
		return op + 1
	}
}

// decodeRequest reads the envelope of a message.
func decodeRequest(body []byte) (request, error) {
	parts, err := elements(body)
	if err != nil {
		return request{}, err
	}
	if len(parts) < 2 || len(parts) > 3 {
		return request{}, errBER
	}
	var q request
	if q.id, err = parts[0].number(tagInteger); err != nil || q.id < 0 || q.id >= 1<<31 {
		return request{}, errBER
	}
	q.op = parts[1]
	if len(parts) == 3 {
		q.controls, err = decodeControls(parts[2])
	}
	return q, err
}

func decodeControls(e element) ([]control, error) {
	list, err := e.want(tagControls, 0)
	if err != nil {
		return nil, err
	}
	var out []control
	for _, item := range list {
		parts, err := item.want(tagSequence, 1)
		if err != nil {
			return nil, err
		}
		var c control
		if c.oid, err = parts[0].text(); err != nil {
			return nil, err
		}
		for _, p := range parts[1:] {
			switch p.tag {
			case tagBoolean:
				if c.critical, err = p.truth(); err != nil {
					return nil, err
				}
			case tagOctets:
				c.value = p.body
			default:
				return nil, errBER
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// control finds a control by its OID.
func (q request) control(oid string) (control, bool) {
	for _, c := range q.controls {
		if c.oid == oid {
			return c, true
		}
	}
	return control{}, false
}

func (q request) has(oid string) bool {
	_, ok := q.control(oid)
	return ok
}

// message wraps an answer.
func (q request) message(op []byte, controls ...[]byte) []byte {
	if len(controls) == 0 {
		return tlv(tagSequence, integer(tagInteger, q.id), op)
	}
	return tlv(tagSequence, integer(tagInteger, q.id), op, tlv(tagControls, controls...))
}

// result is the answer that ends every operation.
func (q request) result(err error, controls ...[]byte) []byte {
	r := asResult(err)
	parts := [][]byte{integer(tagEnum, int64(r.code)), octets(r.matched), octets(r.text)}
	if r.referral != "" {
		parts = append(parts, tlv(tagReferral, octets(r.referral)))
	}
	return q.message(tlv(answerTag(q.op.tag), parts...), controls...)
}

// attributeList is a name with its values as an add or a modify carries them.
type attributeList struct {
	name   string
	values []string
}

func decodeAttribute(e element) (attributeList, error) {
	parts, err := e.want(tagSequence, 2)
	if err != nil {
		return attributeList{}, err
	}
	name, err := parts[0].text()
	if err != nil {
		return attributeList{}, err
	}
	set, err := parts[1].want(tagSet, 0)
	if err != nil {
		return attributeList{}, err
	}
	out := attributeList{name: name, values: make([]string, 0, len(set))}
	for _, v := range set {
		value, err := v.text()
		if err != nil {
			return attributeList{}, err
		}
		out.values = append(out.values, value)
	}
	return out, nil
}

func isAttribute(name, want string) bool { return strings.EqualFold(name, want) }
