package ad

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// messages are well-formed requests of every operation.
func messages() map[string][]byte {
	envelope := func(op []byte, controls ...[]byte) []byte {
		parts := [][]byte{integer(tagInteger, 7), op}
		if len(controls) > 0 {
			parts = append(parts, tlv(tagControls, controls...))
		}
		return tlv(tagSequence, parts...)
	}
	attr := func(name string, values ...string) []byte {
		var set [][]byte
		for _, v := range values {
			set = append(set, octets(v))
		}
		return tlv(tagSequence, octets(name), tlv(tagSet, set...))
	}
	dn := "CN=Administrator,CN=Users,DC=corp,DC=contoso,DC=example"
	filter := tlv(filterAnd, tlv(filterPresent, []byte("cn")), tlv(filterNot, tlv(filterEqual, octets("title"), octets("x"))),
		tlv(filterSubstrings, octets("cn"), tlv(tagSequence, tlv(0x80, []byte("A")), tlv(0x81, []byte("m")), tlv(0x82, []byte("r")))),
		tlv(filterExtensible, tlv(0x81, []byte(ruleBitAnd)), tlv(0x82, []byte(attrUAC)), tlv(0x83, []byte("2"))))
	paged := tlv(tagSequence, octets(oidPaged), tlv(tagBoolean, []byte{0xff}), tlv(tagOctets, tlv(tagSequence, integer(tagInteger, 2), octets(""))))
	return map[string][]byte{
		"bind": envelope(tlv(opBind, integer(tagInteger, 3), octets(`CORP\Administrator`), tlv(tagSimple, []byte("x")))),
		"search": envelope(tlv(opSearch, octets(dn), integer(tagEnum, scopeSub), integer(tagEnum, 0), integer(tagInteger, 0),
			integer(tagInteger, 0), tlv(tagBoolean, []byte{0}), filter, tlv(tagSequence, octets("member;range=0-5"), octets("*"))), paged),
		"add":      envelope(tlv(opAdd, octets("CN=a,"+dn), tlv(tagSequence, attr(attrObjectClass, classUser), attr("title", "x")))),
		"modify":   envelope(tlv(opModify, octets(dn), tlv(tagSequence, tlv(tagSequence, integer(tagEnum, changeReplace), attr("title", "x"))))),
		"restore":  envelope(tlv(opModify, octets(dn), tlv(tagSequence, tlv(tagSequence, integer(tagEnum, changeDelete), attr(attrIsDeleted))))),
		"delete":   envelope(tlv(opDelete, []byte(dn))),
		"rename":   envelope(tlv(opModifyDN, octets(dn), octets("CN=b"), tlv(tagBoolean, []byte{0xff}), tlv(0x80, []byte(dn)))),
		"compare":  envelope(tlv(opCompare, octets(dn), tlv(tagSequence, octets("cn"), octets("x")))),
		"extended": envelope(tlv(opExtended, tlv(0x80, []byte(oidWhoAmI)))),
		"abandon":  envelope(tlv(opAbandon, []byte{1})),
	}
}

// hostileServer is a domain with a session that is bound as its administrator.
func hostileServer(tb testing.TB) *session {
	tb.Helper()
	s, err := New(Options{Password: "Adm1n-Passw0rd!"})
	if err != nil {
		tb.Fatal(err)
	}
	out := newSession(&Controller{server: s}, nil)
	out.secure = true
	out.bind(&principal{id: s.d.sams[fold(administratorName)]})
	return out
}

// swallow gives one message to a domain as a connection does, without the network.
func swallow(s *session, raw []byte) (answered bool, err error) {
	body, err := readMessage(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return false, err
	}
	q, err := decodeRequest(body)
	if err != nil {
		return false, err
	}
	c := &call{session: s, request: q, who: s.principal()}
	if err := c.decode(); err != nil {
		return false, err
	}
	var line LogLine
	s.server.describe(c, &line)
	message, _ := s.server.perform(c)
	return len(message) > 0, nil
}

func TestMessagesAreTaken(t *testing.T) {
	t.Parallel()
	for name, raw := range messages() {
		answered, err := swallow(hostileServer(t), raw)
		if name == "abandon" {
			continue // there is nothing to decode in it
		}
		if err != nil || !answered {
			t.Errorf("%s: answered %v, %v", name, answered, err)
		}
	}
}

func FuzzRequest(f *testing.F) {
	for _, raw := range messages() {
		f.Add(raw)
	}
	f.Add(tlv(tagSequence, integer(tagInteger, 1), bytes.Repeat([]byte{filterNot, 0x80}, 300)))
	s := hostileServer(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		answered, err := swallow(s, raw)
		if err == nil && !answered {
			t.Errorf("no answer to %x", raw)
		}
	})
}

func FuzzDN(f *testing.F) {
	for _, name := range []string{"CN=a,DC=b", `CN=\20a\, \+\"\\\<\>\;\=\00\E2\82\AC ,OU=Łukasz`, "CN=#ff", " cn = a b , dc=c", "CN=a+OU=b", "CN=a=b", ",", `CN=a\`} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		parsed, err := parseDN(name)
		if err != nil {
			return
		}
		again, err := parseDN(parsed.String())
		if err != nil || again.String() != parsed.String() || len(again) != len(parsed) || !again.endsWith(parsed) {
			t.Errorf("%q is read as %q and that as %q (%v)", name, parsed, again, err)
		}
	})
}

// TestAnnouncedSizeTakesNoMemory is not parallel: it measures the process.
func TestAnnouncedSizeTakesNoMemory(t *testing.T) { //nolint:paralleltest // see above
	huge := []byte{tagSequence, 0x84, 0x7f, 0xff, 0xff, 0xff}
	large := []byte{tagSequence, 0x83, 0x3f, 0xff, 0xff}
	inner := tlv(tagSequence, integer(tagInteger, 1), []byte{opDelete, 0x84, 0x7f, 0xff, 0xff, 0xff, 'x'})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := hostileServerBytes(t, huge, large, inner)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 256<<10 {
		t.Errorf("%d octets of memory for %d messages, want little", got, s)
	}
}

// hostileServerBytes reads messages that promise more than they hold.
func hostileServerBytes(t *testing.T, raw ...[]byte) int {
	t.Helper()
	for _, r := range raw {
		body, err := readMessage(bufio.NewReader(bytes.NewReader(r)))
		if err == nil {
			_, err = decodeRequest(body)
		}
		if err == nil {
			t.Errorf("%x was taken", r)
		}
	}
	return len(raw)
}

func TestBounds(t *testing.T) {
	t.Parallel()
	deep := tlv(filterPresent, []byte("cn"))
	for range filterDepth + 2 {
		deep = tlv(filterNot, deep)
	}
	if e, _, err := next(deep); err != nil {
		t.Fatal(err)
	} else if _, err := decodeFilter(e, 0); err == nil {
		t.Error("a filter of any depth was taken")
	}
	if _, err := elements(bytes.Repeat([]byte{tagOctets, 0}, maxElements+1)); err == nil {
		t.Error("any number of elements was taken")
	}
	long := append([]byte{tagSequence, 0x84, 0, 0x40, 0, 1}, make([]byte, maxMessage+1)...)
	if _, err := readMessage(bufio.NewReader(bytes.NewReader(long))); err == nil {
		t.Error("a message of any length was taken")
	}
}

// TestStrangersAreToldGoodbye sends what is not LDAP to a server and then asks whether it still works.
func TestStrangersAreToldGoodbye(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Password: "Adm1n-Passw0rd!"})
	if err != nil {
		t.Fatal(err)
	}
	dc, err := s.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CA())
	say := func(secure bool, raw []byte) []byte {
		t.Helper()
		address := strings.TrimPrefix(dc.PlainURL(), "ldap://")
		var conn net.Conn
		var err error
		if secure {
			conn, err = tls.Dial("tcp", strings.TrimPrefix(dc.URL(), "ldaps://"), &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
		} else {
			conn, err = net.Dial("tcp", address)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		_, _ = conn.Write(raw)
		answer, _ := io.ReadAll(conn)
		return answer
	}
	unbind := tlv(tagSequence, integer(tagInteger, 9), []byte{opUnbind, 0})
	for _, secure := range []bool{true, false} {
		if got := say(secure, []byte("GET / HTTP/1.1\r\n\r\n")); len(got) != 0 {
			t.Errorf("answer to HTTP = %x, want none", got)
		}
		if got := say(secure, tlv(tagSequence, octets("x"), octets("y"))); !bytes.Contains(got, []byte(oidDisconnect)) {
			t.Errorf("answer to a broken envelope = %x, want a notice of disconnection", got)
		}
		got := say(secure, append(tlv(tagSequence, integer(tagInteger, 1), tlv(opExtended, tlv(0x80, []byte(oidWhoAmI)))), unbind...))
		if !bytes.Contains(got, []byte(oidWhoAmI)) {
			t.Errorf("answer to who am I = %x", got)
		}
	}
}
