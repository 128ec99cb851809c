package csv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"tenure/internal/person"
)

// midnight is the first moment of a civil date.
var midnight = person.TimeOfDay{}

// The encodings a feed may declare.
const (
	encodingUTF8        = "utf-8"
	encodingUTF16       = "utf-16"
	encodingWindows1252 = "windows-1252"
)

var (
	utf8Mark   = []byte{0xEF, 0xBB, 0xBF}
	utf16Marks = [][]byte{{0xFF, 0xFE}, {0xFE, 0xFF}}
)

var (
	errFileTooLarge = errors.New("file is larger than 256 MiB")
	errRowTooLong   = errors.New("row is longer than 1 MiB; is a quote not closed?")
)

// decode returns the content as UTF-8. A byte order mark that contradicts the
// declared encoding refuses the file.
func decode(source io.Reader, encoding string) (io.Reader, error) {
	limited := &limitReader{source: source, left: MaxFileBytes}
	buffered := bufio.NewReader(limited)
	head, err := buffered.Peek(len(utf8Mark))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read file: %w", err)
	}
	hasUTF8 := bytes.HasPrefix(head, utf8Mark)
	hasUTF16 := bytes.HasPrefix(head, utf16Marks[0]) || bytes.HasPrefix(head, utf16Marks[1])
	switch encoding {
	case "", encodingUTF8:
		if hasUTF16 {
			return nil, errors.New("feed declares utf-8, the file begins with the mark of utf-16")
		}
		if hasUTF8 {
			_, err = buffered.Discard(len(utf8Mark))
			return &rowGuard{source: buffered}, err
		}
		return &rowGuard{source: buffered}, nil
	case encodingUTF16:
		if !hasUTF16 {
			return nil, errors.New("feed declares utf-16, the file does not begin with its byte order mark")
		}
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		return &rowGuard{source: transform.NewReader(buffered, decoder)}, nil
	case encodingWindows1252:
		if hasUTF8 || hasUTF16 {
			return nil, errors.New("feed declares windows-1252, the file begins with a mark of Unicode")
		}
		return &rowGuard{source: transform.NewReader(buffered, charmap.Windows1252.NewDecoder())}, nil
	}
	return nil, fmt.Errorf("unknown encoding %.64q; allowed are %s, %s, %s", encoding, encodingUTF8, encodingUTF16, encodingWindows1252)
}

// limitReader fails where io.LimitReader would pretend that the file ended.
type limitReader struct {
	source io.Reader
	left   int64
}

func (r *limitReader) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	r.left -= int64(n)
	if r.left < 0 {
		return 0, errFileTooLarge
	}
	return n, err
}

// rowGuard fails on a row that is too long before the parser has collected it.
type rowGuard struct {
	source io.Reader
	length int
	quoted bool
}

func (r *rowGuard) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	for _, c := range p[:n] {
		r.length++
		switch {
		case c == '"':
			r.quoted = !r.quoted
		case c == '\n' && !r.quoted:
			r.length = 0
		}
		if r.length > MaxRowBytes {
			return 0, errRowTooLong
		}
	}
	return n, err
}
