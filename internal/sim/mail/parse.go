package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

const (
	typeText    = "text/plain"
	typeHTML    = "text/html"
	maxNesting  = 5
	headContent = "Content-Type"
)

// parse reads an RFC 5322 message with text and HTML parts in UTF-8, which is what the product sends.
func parse(r io.Reader) (Message, error) {
	raw, err := mail.ReadMessage(r)
	if err != nil {
		return Message{}, fmt.Errorf("parse mail: %w", err)
	}
	m := Message{Via: ViaSMTP, Headers: map[string][]string{}}
	words := mime.WordDecoder{}
	for name, values := range raw.Header {
		for _, v := range values {
			if decoded, err := words.DecodeHeader(v); err == nil {
				v = decoded
			}
			m.Headers[name] = append(m.Headers[name], v)
		}
	}
	from, err := raw.Header.AddressList("From")
	if err != nil || len(from) != 1 {
		return Message{}, errors.New("parse mail: no single From address")
	}
	m.From = fromNetMail(from)[0]
	if m.To, err = addresses(raw.Header, "To"); err != nil {
		return Message{}, err
	}
	if m.Cc, err = addresses(raw.Header, "Cc"); err != nil {
		return Message{}, err
	}
	m.MessageID = raw.Header.Get("Message-ID")
	if s := m.Headers["Subject"]; len(s) > 0 {
		m.Subject = s[0]
	}
	return m, readPart(&m, raw.Header.Get(headContent), raw.Header.Get("Content-Transfer-Encoding"), raw.Body, 0)
}

func addresses(h mail.Header, name string) ([]Address, error) {
	list, err := h.AddressList(name)
	if errors.Is(err, mail.ErrHeaderNotPresent) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("parse mail: header %s: %w", name, err)
	}
	return fromNetMail(list), nil
}

func readPart(m *Message, contentType, encoding string, body io.Reader, depth int) error {
	if contentType == "" {
		contentType = typeText
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("parse mail: content type: %w", err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		return readParts(m, multipart.NewReader(body, params["boundary"]), depth)
	}
	if kind != typeText && kind != typeHTML {
		return nil
	}
	content, err := io.ReadAll(decode(encoding, body))
	if err != nil {
		return fmt.Errorf("parse mail: read %s part: %w", kind, err)
	}
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	if kind == typeHTML {
		m.HTML += text
	} else {
		m.Text += text
	}
	return nil
}

func readParts(m *Message, r *multipart.Reader, depth int) error {
	if depth > maxNesting {
		return errors.New("parse mail: parts nested too deep")
	}
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("parse mail: read part: %w", err)
		}
		err = readPart(m, part.Header.Get(headContent), part.Header.Get("Content-Transfer-Encoding"), part, depth+1)
		if err != nil {
			return err
		}
	}
}

func decode(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	default:
		return body
	}
}
