package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenAttribute
	tokenText
	tokenNumber
	tokenHex
	tokenOpen
	tokenClose
	tokenComma
	tokenOperator // comparison
	tokenJoin     // &
	tokenOther    // a character that no token begins with
)

// token is one token; text is its meaning, source[at:end] its spelling.
type token struct {
	kind    tokenKind
	at, end int
	text    string
}

// lexer reads tokens one at a time. What & means depends on where it stands, so
// the parser says whether an operand is wanted.
type lexer struct {
	source string
	at     int
}

// failure is a problem at a byte offset.
type failure struct {
	at      int
	message string
}

func (l *lexer) skipBlanks() {
	for l.at < len(l.source) {
		r, size := utf8.DecodeRuneInString(l.source[l.at:])
		if !unicode.IsSpace(r) {
			return
		}
		l.at += size
	}
}

// next reads the next token.
func (l *lexer) next(operand bool) (token, *failure) {
	l.skipBlanks()
	if l.at >= len(l.source) {
		return token{kind: tokenEnd, at: l.at, end: l.at}, nil
	}
	switch c := l.source[l.at]; {
	case c == '"':
		return l.text()
	case c == '[':
		return l.attribute()
	case c >= '0' && c <= '9', c == '-' && operand:
		return l.number()
	case c == '&' && operand:
		return l.hexadecimal()
	default:
		return l.sign(c)
	}
}

func (l *lexer) take(kind tokenKind, length int) (token, *failure) {
	t := token{kind: kind, at: l.at, end: l.at + length, text: l.source[l.at : l.at+length]}
	l.at = t.end
	return t, nil
}

func (l *lexer) sign(c byte) (token, *failure) {
	switch c {
	case '(':
		return l.take(tokenOpen, 1)
	case ')':
		return l.take(tokenClose, 1)
	case ',':
		return l.take(tokenComma, 1)
	case '&':
		return l.take(tokenJoin, 1)
	case '=':
		return l.take(tokenOperator, 1)
	case '<', '>':
		length := 1
		if rest := l.source[l.at+1:]; strings.HasPrefix(rest, "=") || c == '<' && strings.HasPrefix(rest, ">") {
			length = 2
		}
		return l.take(tokenOperator, length)
	}
	r, size := utf8.DecodeRuneInString(l.source[l.at:])
	if !unicode.IsLetter(r) {
		return l.take(tokenOther, size)
	}
	return l.take(tokenName, size+wordLength(l.source[l.at+size:]))
}

// wordLength is how many bytes of the text go on a name.
func wordLength(text string) int {
	for i, r := range text {
		if !isWordRune(r) {
			return i
		}
	}
	return len(text)
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// text reads a text constant. Only \\ and \" are escapes.
func (l *lexer) text() (token, *failure) {
	start := l.at
	body := l.source[start+1:]
	end := strings.IndexAny(body, `"\`)
	if end >= 0 && body[end] == '"' {
		l.at = start + end + 2
		return token{kind: tokenText, at: start, end: l.at, text: body[:end]}, nil
	}
	var out strings.Builder
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			l.at = start + i + 2
			return token{kind: tokenText, at: start, end: l.at, text: out.String()}, nil
		case c == '\\' && i+1 < len(body) && (body[i+1] == '\\' || body[i+1] == '"'):
			i++
			out.WriteByte(body[i])
		default:
			out.WriteByte(c)
		}
	}
	return token{}, &failure{start, `this text is never closed: write " at its end`}
}

// attribute reads a bracketed name; brackets nest, and do not count inside
// double quotes.
func (l *lexer) attribute() (token, *failure) {
	start, depth, quoted := l.at, 0, false
	for i := start; i < len(l.source); i++ {
		switch c := l.source[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth > 0 {
				continue
			}
			l.at = i + 1
			name := strings.TrimSpace(l.source[start+1 : i])
			if name == "" {
				return token{}, &failure{start, "the brackets are empty: write the name of an attribute between them"}
			}
			return token{kind: tokenAttribute, at: start, end: l.at, text: name}, nil
		}
	}
	return token{}, &failure{start, "this bracket is never closed: write ] behind the name of the attribute"}
}

func (l *lexer) number() (token, *failure) {
	start := l.at
	i := start
	if l.source[i] == '-' {
		i++
	}
	whole := countDigits(l.source[i:])
	i += whole
	fractions := 1
	if whole > 0 && strings.HasPrefix(l.source[i:], ".") {
		fractions = countDigits(l.source[i+1:])
		i += 1 + fractions
	}
	if whole == 0 || fractions == 0 || l.goesOn(i) {
		return token{}, &failure{start, "this is no number: write digits, with a minus in front and a point and digits behind where needed"}
	}
	l.at = i
	return token{kind: tokenNumber, at: start, end: i, text: l.source[start:i]}, nil
}

// goesOn reports whether what follows a number sticks to it.
func (l *lexer) goesOn(at int) bool {
	if at >= len(l.source) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(l.source[at:])
	return r == '.' || isWordRune(r)
}

func countDigits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

func (l *lexer) hexadecimal() (token, *failure) {
	const longest = 15
	start := l.at
	rest := l.source[start+1:]
	if rest == "" || rest[0] != 'H' && rest[0] != 'h' {
		return token{}, &failure{start, "& joins two values and needs one in front; a hexadecimal number begins with &H"}
	}
	n := 0
	for n+1 < len(rest) && strings.IndexByte("0123456789abcdefABCDEF", rest[n+1]) >= 0 {
		n++
	}
	end := start + 2 + n
	if n == 0 || n > longest || l.goesOn(end) {
		return token{}, &failure{start, "this is no hexadecimal number: write &H and 1 to 15 digits"}
	}
	l.at = end
	return token{kind: tokenHex, at: start, end: end, text: rest[1 : n+1]}, nil
}
