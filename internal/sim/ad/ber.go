package ad

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The BER tags that LDAP uses.
const (
	tagBoolean  = 0x01
	tagInteger  = 0x02
	tagOctets   = 0x04
	tagEnum     = 0x0a
	tagSequence = 0x30
	tagSet      = 0x31
)

const (
	lengthLong   = 0x80 // the length follows in as many octets as the low bits say
	lengthOctets = 4
	maxElements  = 50_000 // of one sequence: more members than one request changes
	continued    = 0x1f   // a tag in more than one octet
)

var errBER = errors.New("not BER as LDAP has it")

// element is one BER element. It points into its message and copies nothing, so that a message takes as much memory
// as was sent and no more.
type element struct {
	tag  byte
	body []byte
}

// readMessage reads one message of at most maxMessage octets. What was announced and not sent takes no memory.
func readMessage(r *bufio.Reader) ([]byte, error) {
	tag, err := r.ReadByte()
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	if tag != tagSequence {
		return nil, fmt.Errorf("read message: %w", errBER)
	}
	first, err := r.ReadByte()
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	size := int(first)
	if first >= lengthLong {
		n := int(first &^ lengthLong)
		if n == 0 || n > lengthOctets {
			return nil, fmt.Errorf("read message: %w", errBER)
		}
		size = 0
		for range n {
			b, err := r.ReadByte()
			if err != nil {
				return nil, fmt.Errorf("read message: %w", err)
			}
			size = size<<8 | int(b)
		}
	}
	if size > maxMessage {
		return nil, fmt.Errorf("read message: %d octets are more than %d", size, maxMessage)
	}
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r, int64(size)); err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	return body.Bytes(), nil
}

// next cuts the first element off b.
func next(b []byte) (element, []byte, error) {
	if len(b) < 2 || b[0]&continued == continued {
		return element{}, nil, errBER
	}
	size, head := int(b[1]), 2
	if b[1] >= lengthLong {
		n := int(b[1] &^ lengthLong)
		if n == 0 || n > lengthOctets || len(b) < 2+n {
			return element{}, nil, errBER
		}
		size, head = 0, 2+n
		for _, o := range b[2:head] {
			size = size<<8 | int(o)
		}
	}
	if size > len(b)-head {
		return element{}, nil, errBER
	}
	return element{tag: b[0], body: b[head : head+size]}, b[head+size:], nil
}

// elements lists what a constructed element holds.
func elements(body []byte) ([]element, error) {
	var out []element
	for len(body) > 0 {
		if len(out) == maxElements {
			return nil, errBER
		}
		e, rest, err := next(body)
		if err != nil {
			return nil, err
		}
		out, body = append(out, e), rest
	}
	return out, nil
}

// want lists what the element holds when it has the tag and no fewer parts than least.
func (e element) want(tag byte, least int) ([]element, error) {
	if e.tag != tag {
		return nil, errBER
	}
	parts, err := elements(e.body)
	if err == nil && len(parts) < least {
		err = errBER
	}
	return parts, err
}

// text is the value of an octet string.
func (e element) text() (string, error) {
	if e.tag != tagOctets {
		return "", errBER
	}
	return string(e.body), nil
}

// number is the value of an integer or an enumeration.
func (e element) number(tag byte) (int64, error) {
	if e.tag != tag || len(e.body) == 0 || len(e.body) > 8 {
		return 0, errBER
	}
	n := int64(int8(e.body[0])) //nolint:gosec // the first octet carries the sign
	for _, o := range e.body[1:] {
		n = n<<8 | int64(o)
	}
	return n, nil
}

// truth reads a boolean: RFC 4511 has 0xFF for true and nothing else.
func (e element) truth() (bool, error) {
	if len(e.body) != 1 {
		return false, errBER
	}
	return e.body[0] == 0xff, nil
}

// tlv makes an element of its parts.
func tlv(tag byte, parts ...[]byte) []byte {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	out := make([]byte, 0, size+2+lengthOctets)
	out = append(out, tag)
	if size < lengthLong {
		out = append(out, byte(size))
	} else {
		out = append(out, lengthLong|lengthOctets)
		out = binary.BigEndian.AppendUint32(out, uint32(size))
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func octets(s string) []byte { return tlv(tagOctets, []byte(s)) }

func integer(tag byte, n int64) []byte {
	out := binary.BigEndian.AppendUint64(nil, uint64(n)) //nolint:gosec // two's complement is what is sent
	for len(out) > 1 && (out[0] == 0 && out[1] < lengthLong || out[0] == 0xff && out[1] >= lengthLong) {
		out = out[1:] // no octet more than it takes
	}
	return tlv(tag, out)
}
