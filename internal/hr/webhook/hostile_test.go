package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"tenure/internal/hostile"
	"tenure/internal/hr/webhook"
)

// delivery is a message as it arrives, and what of it is signed.
type delivery struct {
	id, stamp, body string
	signatures      []string
	headers         http.Header
	now             time.Time
}

// arrival is when the good delivery arrives.
var arrival = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// signed is the signature of what a delivery says.
func (d *delivery) signed(id, stamp, body string) string {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(vectorSecret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// hostileDelivery changes the good delivery: before it is signed, so that its body
// is what the feed says, or afterwards.
type hostileDelivery struct {
	name          string
	before, after func(*delivery)
	// want stands in the error, which says what is wrong and where.
	want string
}

// says is a hostile body with a good signature.
func says(name, body, want string) hostileDelivery {
	return hostileDelivery{name: name, before: func(d *delivery) { d.body = body }, want: want}
}

// swaps puts something else into the good body.
func swaps(name, old, with, want string) hostileDelivery {
	return says(name, strings.Replace(wrap(`{}`), old, with, 1), want)
}

// forged changes the message on its way.
func forged(name, want string, change func(*delivery)) hostileDelivery {
	return hostileDelivery{name: name, after: change, want: want}
}

func stampOf(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// hostileSignatures are forged, replayed and mistimed messages.
func hostileSignatures() []hostileDelivery {
	header := func(name string, values ...string) func(*delivery) {
		return func(d *delivery) { d.headers[http.CanonicalHeaderKey(name)] = values }
	}
	return []hostileDelivery{
		forged("body changed on the way", "no signature matches", func(d *delivery) { d.body = strings.Replace(d.body, "1513", "1514", 1) }),
		forged("body with a byte order mark", "no signature matches", func(d *delivery) { d.body = "\ufeff" + d.body }),
		forged("body with other line ends", "no signature matches", func(d *delivery) { d.body += "\r\n" }),
		forged("another message ID", "no signature matches", func(d *delivery) { d.id = "msg_2" }),
		forged("border between time and body moved", "is not a number of seconds", func(d *delivery) { d.stamp += ".{" }),
		forged("unsigned", "want 1 to 16 signatures", func(d *delivery) { d.signatures = nil }),
		forged("blank signature", "want 1 to 16 signatures", func(d *delivery) { d.signatures = []string{" \t "} }),
		forged("signature of nothing", "no signature matches", func(d *delivery) { d.signatures = []string{"v1,"} }),
		forged("signature cut", "no signature matches", func(d *delivery) { d.signatures[0] = d.signatures[0][:20] }),
		forged("signature with something behind", "no signature matches", func(d *delivery) { d.signatures[0] += "AAAA" }),
		forged("signature in other letters", "no signature matches", func(d *delivery) { d.signatures[0] = strings.ToLower(d.signatures[0]) }),
		forged("signature of another version", "no signature matches", func(d *delivery) { d.signatures[0] = strings.Replace(d.signatures[0], "v1,", "v0,", 1) }),
		forged("no algorithm", "no signature matches", func(d *delivery) { d.signatures[0] = strings.TrimPrefix(d.signatures[0], "v1,") }),
		forged("a thousand signatures", "want 1 to 16 signatures", func(d *delivery) { d.signatures = []string{strings.Repeat("v1,AAAA ", 1000)} }),
		forged("a signature of a megabyte", "no signature matches", func(d *delivery) { d.signatures = []string{"v1," + strings.Repeat("A", 1<<20)} }),
		forged("replayed an hour later", "is more than 5m0s off", func(d *delivery) { d.now = d.now.Add(time.Hour) }),
		forged("from the future", "is more than 5m0s off", func(d *delivery) { d.now = d.now.Add(-time.Hour) }),
		forged("time moved to now", "no signature matches", func(d *delivery) { d.stamp = stampOf(d.now.Add(time.Second)) }),
		forged("time in milliseconds", "is not a number of seconds", func(d *delivery) { d.stamp += "000" }),
		forged("time as text", "is not a number of seconds", func(d *delivery) { d.stamp = "2026-11-22T08:00:00Z" }),
		forged("time that overflows", "is not a number of seconds", func(d *delivery) { d.stamp = "9223372036854775808" }),
		forged("time before time", "is not a number of seconds", func(d *delivery) { d.stamp = "-1" }),
		forged("time in digits of another script", "is not a number of seconds", func(d *delivery) { d.stamp = "١٧٦٣٧٩٨٤٠٠" }),
		forged("time in hex", "is not a number of seconds", func(d *delivery) { d.stamp = "0x692166c0" }),
		forged("two message IDs", "want one header webhook-id", header(webhook.HeaderID, "msg_1", "msg_1")),
		forged("two times", "want one header webhook-timestamp", header(webhook.HeaderTimestamp, stampOf(arrival), stampOf(arrival))),
		forged("no message ID", "want one header webhook-id", header(webhook.HeaderID)),
		forged("line end in the message ID", "is not 1 to 128 printable characters", func(d *delivery) { d.id = "msg\r\nX-Role: admin" }),
		forged("escape code in the message ID", "is not 1 to 128 printable characters", func(d *delivery) { d.id = "msg\x1b[2J" }),
		forged("right-to-left message ID", "is not 1 to 128 printable characters", func(d *delivery) { d.id = "msg\u202e1" }),
		forged("message ID of a megabyte", "is not 1 to 128 printable characters", func(d *delivery) { d.id = strings.Repeat("m", 1<<20) }),
	}
}

// hostileBodies are signed as they should be and say what cannot be.
func hostileBodies() []hostileDelivery {
	return []hostileDelivery{
		says("nothing", "", "body ends too early"),
		says("blanks", " \n\t ", "body ends too early"),
		says("null", "null", "want object, found null"),
		says("a list", "[]", "want object, found array"),
		says("a text", `"person.record"`, "want object, found string"),
		says("XML", "<person/>", "body is not JSON at byte"),
		says("a form", "key=1513&type=person.record", "body is not JSON at byte"),
		says("UTF-16", "\xff\xfe{\x00}\x00", "body is not valid UTF-8"),
		says("byte order mark", "\ufeff"+wrap(`{}`), "body is not JSON at byte"),
		says("overlong UTF-8", wrap(`{"employeeId":"`+"\xc0\xaf"+`"}`), "body is not valid UTF-8"),
		says("NUL behind the end", wrap(`{}`)+"\x00", "body goes on after its JSON value"),
		says("two bodies", wrap(`{}`)+wrap(`{}`), "body goes on after its JSON value"),
		says("cut", wrap(`{}`)[:150], "body ends too early"),
		says("comments", "/* hello */"+wrap(`{}`), "body is not JSON at byte 0"),
		says("comma too many", strings.Replace(wrap(`{}`), `"full",`, `"full",,`, 1), "body is not JSON at byte"),
		says("a tower of lists", strings.Repeat("[", 500_000), "nested deeper than 12 levels"),
		says("a tower of objects", strings.Repeat(`{"a":`, 150_000), "nested deeper than 12 levels"),
		says("a hundred thousand unknown names", `{`+numbered(100_000)+`}`, "body holds more than 20000 values"),
		says("ten thousand unknown names", `{`+numbered(10_000)+`}`, "n0: unknown name"),
		says("a name of a megabyte", `{"`+strings.Repeat("n", 1<<20-10)+`":1}`, "unknown name"),
		says("a hundred thousand employments", wrap(`{"employments":[`+strings.Repeat(`{},`, 100_000)+`{}]}`), "body holds more than 20000 values"),
		says("a thousand employments", wrap(`{"employments":[`+strings.Repeat(`{},`, 1000)+`{}]}`), "has 1001 entries, at most 50 are allowed"),
		says("a list of a million numbers", wrap(`{"ext":[`+strings.Repeat(`0,`, 500_000)+`0]}`), "body holds more than 20000 values"),
		says("a list for an object", wrap(`{"ext":[0]}`), "data.record.ext: want object, found array"),
		says("a record of a megabyte", wrap(`{"ext":{`+extensions(10_000)+`}}`), "record has 798890 bytes, at most 65536 are allowed"),
		swaps("a key that climbs", `"1513"`, `"../../admin"`, ""),
		swaps("a key of dots", `"1513"`, `".."`, "person key holds nothing but dots"),
		swaps("a key with a line end", `"1513"`, `"15\r\n13"`, "data.key: person key: control character U+000D"),
		swaps("a key with NUL", `"1513"`, `"15\u000013"`, "data.key: person key: control character U+0000"),
		swaps("a key written backwards", `"1513"`, `"15\u202e13"`, "data.key: person key: invisible character U+202E"),
		swaps("a key of half a character", `"1513"`, `"\ud800"`, "data.key: person key: replacement character U+FFFD"),
		swaps("a key of ten thousand letters", `"1513"`, `"`+strings.Repeat("ä", 10_000)+`"`, "person key has 60000 bytes when encoded, at most 128"),
		swaps("a key that is a number", `"1513"`, `1513`, "data.key: want string, found number"),
		swaps("a key that is an object", `"1513"`, `{"$ne":null}`, "data.key: want string, found object"),
		swaps("key twice", `"key":"1513"`, `"key":"1513","key":"1514"`, `name "key" is repeated in one object, at byte`),
		swaps("key twice, once escaped", `"key":"1513"`, `"key":"1513","\u006bey":"1514"`, `name "key" is repeated in one object, at byte`),
		swaps("key in other letters", `"key"`, `"KEY"`, "data.key: is missing"),
		swaps("a prototype", `"key"`, `"__proto__":{"admin":true},"key"`, "data.__proto__: unknown name"),
		swaps("a name with escape codes", `"key"`, `"\u001b]0;owned\u0007":1,"key"`, "unknown name"),
		swaps("a name written backwards", `"key"`, `"\u202eyek":1,"key"`, "unknown name"),
		swaps("sequence too large", `"sequence":7`, `"sequence":9007199254740994`, "data.sequence: want a whole number from 1 to 2^53"),
		swaps("sequence of endless digits", `"sequence":7`, `"sequence":`+strings.Repeat("9", 100_000), "data.sequence: want a whole number from 1 to 2^53"),
		swaps("sequence with an exponent", `"sequence":7`, `"sequence":1e400`, "data.sequence: want a whole number from 1 to 2^53"),
		swaps("sequence that is no number", `"sequence":7`, `"sequence":NaN`, "body is not JSON at byte"),
		swaps("truth in the year 9999", `2026-11-22T08:00:00+01:00`, `9999-12-31T23:59:59Z`, "data.asOf: 9999-12-31T23:59:59Z lies outside 1901 to 2199"),
		swaps("truth before time", `2026-11-22T08:00:00+01:00`, `0001-01-01T00:00:00Z`, "data.asOf: 0001-01-01T00:00:00Z lies outside 1901 to 2199"),
		swaps("truth tomorrow and more", `2026-11-22T08:00:00+01:00`, `2026-11-24T08:00:00Z`, "data.asOf: 2026-11-24T08:00:00Z lies in the future"),
		swaps("an hour of one digit", `2026-11-22T08:00:00+01:00`, `2026-11-22T8:00:00Z`, `data.asOf: "2026-11-22T8:00:00Z" is no instant such as`),
		swaps("an instant of a megabyte", `2026-11-22T08:00:00+01:00`, strings.Repeat("2", 1<<20-400), "is no instant such as"),
		says("a fraction that overflows", wrap(`{"assignments":[{"fte":1e999}]}`), "data.record.assignments[0].fte: number is out of range"),
		says("a fraction with a huge exponent", wrap(`{"assignments":[{"fte":1e308}]}`), ""),
		says("escape codes in a name", wrap(`{"person":{"displayName":"\u001b[2JAna"}}`), "person.displayName: control character U+001B"),
		says("an 8-bit escape code in a name", wrap(`{"person":{"displayName":"\u009b2JAna"}}`), "person.displayName: control character U+009B"),
		says("a name written backwards as value", wrap(`{"person":{"displayName":"\u202eanA"}}`), "person.displayName: invisible character U+202E"),
		says("a header in a mail address", wrap(`{"contact":{"workEmail":"a@contoso.example\r\nBcc: x@fabrikam.example"}}`), "control character U+000D"),
		says("a value of a megabyte", wrap(`{"person":{"displayName":"`+strings.Repeat("a", 1<<20-400)+`"}}`), "at most 1024 are allowed"),
		says("a truth value as text", wrap(`{"assignments":[{"primary":"yes"}]}`), "data.record.assignments[0].primary: want bool, found string"),
		says("a list for a person", wrap(`{"person":[]}`), "data.record.person: want object, found array"),
		says("ends before it starts", wrap(`{"employments":[{"startDate":"2026-12-01","lastDayOfWork":"2026-11-30"}]}`), "data.record.employments[0]: employment.lastDayOfWork 2026-11-30 lies before"),
	}
}

// numbered are so many names of an object.
func numbered(n int) string {
	var out strings.Builder
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`"n` + strconv.Itoa(i) + `":1`)
	}
	return out.String()
}

// extensions are so many attributes that a feed may declare.
func extensions(n int) string {
	var out strings.Builder
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`"n` + strconv.Itoa(i) + `":"` + strings.Repeat("v", 71) + `"`)
	}
	return out.String()
}

func hostileDeliveries() []hostileDelivery { return append(hostileSignatures(), hostileBodies()...) }

func TestHostileDeliveriesAreMany(t *testing.T) {
	var names []string
	for _, c := range hostileDeliveries() {
		names = append(names, c.name)
	}
	hostile.Count(t, names)
}

// TestHostileDeliveries receives as the starter does. What is allowed to pass has
// no error in the table, and says nothing that it should not.
func TestHostileDeliveries(t *testing.T) {
	verifier, err := webhook.NewVerifier([]string{vectorSecret}, 0)
	if err != nil {
		t.Fatal(err)
	}
	decode := decoder(t)
	for _, c := range hostileDeliveries() {
		t.Run(c.name, func(t *testing.T) {
			d := c.delivery()
			hostile.Bounded(t, len(d.body)+len(d.signatures), func() {
				id, err := verifier.Verify(d.headers, []byte(d.body), d.now)
				if err == nil {
					var got any
					got, err = decode.Decode(id, []byte(d.body), d.now)
					if invalid := (*webhook.InvalidError)(nil); err != nil && !errors.As(err, &invalid) {
						t.Errorf("Decode = %+v, %v; want an InvalidError", got, err)
					}
				} else if !errors.Is(err, webhook.ErrUnverified) || c.before != nil {
					t.Errorf("Verify = %v, want it signed well or ErrUnverified", err)
				}
				text := ""
				if err != nil {
					text = err.Error()
				}
				if (c.want == "") != (err == nil) || !strings.Contains(text, c.want) {
					t.Errorf("error = %.300q, want %q", text, c.want)
				}
				hostile.OneLine(t, text)
			})
		})
	}
}

// delivery makes the message of a case.
func (c hostileDelivery) delivery() *delivery {
	d := &delivery{id: "msg_1", stamp: stampOf(arrival), body: wrap(`{}`), now: arrival, headers: http.Header{}}
	if c.before != nil {
		c.before(d)
	}
	d.signatures = []string{d.signed(d.id, d.stamp, d.body)}
	if c.after == nil {
		d.headers = headers(d.id, d.stamp, d.signatures...)
		return d
	}
	c.after(d)
	stated := d.headers
	d.headers = headers(d.id, d.stamp, d.signatures...)
	maps.Copy(d.headers, stated)
	return d
}
