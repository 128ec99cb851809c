package ad

import (
	"strings"
	"time"
)

// bindRequest is a decoded bind: simple, or another way that is not taken.
type bindRequest struct {
	name, password string
	simple         bool
}

const tagSimple = 0x80

func decodeBind(op element) (bindRequest, error) {
	parts, err := op.want(opBind, 3)
	if err != nil {
		return bindRequest{}, err
	}
	var b bindRequest
	if v, err := parts[0].number(tagInteger); err != nil || v != 3 {
		return b, errBER
	}
	if b.name, err = parts[1].text(); err != nil {
		return b, err
	}
	b.simple, b.password = parts[2].tag == tagSimple, string(parts[2].body)
	return b, nil
}

// Why a bind is refused, as Windows numbers it.
const (
	bindUnknown    = "525"
	bindWrong      = "52e"
	bindDisabled   = "533"
	bindExpired    = "701"
	bindOld        = "532"
	bindMustChange = "773"
	bindLocked     = "775"
)

func bindRefused(why string) error {
	return refuse(codeInvalidCredential, "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data "+why+", v1db1")
}

// bind signs a client in. A failed bind leaves the connection to nobody.
func (s *Server) bind(c *call) error {
	c.session.bind(nil)
	if !c.bind.simple {
		return refuse(codeAuthMethod, "00002027: LdapErr: DSID-0C090633, comment: invalid authentication method, data 0, v4f7c")
	}
	if c.bind.password == "" {
		return nil // nobody
	}
	if !c.session.secure {
		return refuse(codeStrongerAuth, "00002028: LdapErr: DSID-0C090202, comment: The server requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection, data 0, v4f7c")
	}
	e := s.account(c.bind.name)
	if e == nil {
		return bindRefused(bindUnknown)
	}
	if err := s.signIn(e, c.bind.password); err != nil {
		return err
	}
	c.session.bind(&principal{id: e.ID})
	return nil
}

// account finds who binds by a user principal name, a distinguished name or DOMAIN\name.
func (s *Server) account(name string) *entry {
	if id, ok := s.d.upns[fold(name)]; ok {
		return s.d.entries[id]
	}
	sam := ""
	if domain, user, ok := strings.Cut(name, `\`); ok && strings.EqualFold(domain, s.d.netBIOS) {
		sam = user
	}
	if user, domain, ok := strings.Cut(name, "@"); ok && strings.EqualFold(domain, s.d.dnsName) {
		sam = user
	}
	if id, ok := s.d.sams[fold(sam)]; ok && sam != "" {
		return accountOnly(s.d.entries[id])
	}
	if e, err := s.d.lookup(name); err == nil && e.Deleted == nil {
		return accountOnly(e)
	}
	return nil
}

func accountOnly(e *entry) *entry {
	if e.Class != classUser {
		return nil
	}
	return e
}

// signIn checks the password and then whether the account may sign in.
func (s *Server) signIn(e *entry, password string) error {
	if !e.Password.matches(password) {
		s.countWrong(e)
		return bindRefused(bindWrong)
	}
	expires := e.number(attrAccountExpires)
	switch {
	case s.locked(e):
		return bindRefused(bindLocked)
	case e.number(attrUAC)&uacDisabled != 0:
		return bindRefused(bindDisabled)
	case expires > 0 && expires != never && !fromFiletime(expires).After(s.now()):
		return bindRefused(bindExpired)
	case s.passwordExpired(e):
		return bindRefused(bindOld)
	case s.mustChange(e):
		return bindRefused(bindMustChange)
	}
	s.signedIn(e)
	return nil
}

// logonStamp is how old the time of the last logon may be before it is written again:
// it is for finding accounts that nobody uses.
const logonStamp = 14 * 24 * time.Hour

// signedIn notes a logon.
func (s *Server) signedIn(e *entry) {
	stamp := e.number(attrLogonStamp)
	stale := stamp == 0 || s.since(fromFiletime(stamp)) > logonStamp
	if e.BadCount == 0 && e.number(attrLockoutTime) == 0 && !stale {
		return
	}
	e = e.clone()
	e.BadCount = 0
	if e.number(attrLockoutTime) != 0 {
		e.setNumber(attrLockoutTime, 0)
	}
	if stale {
		e.setNumber(attrLogonStamp, filetime(s.now()))
	}
	s.d.put(e)
}

// countWrong counts a wrong password and locks the account after too many.
func (s *Server) countWrong(e *entry) {
	e = e.clone()
	if s.since(e.BadAt) > s.opts.LockoutDuration {
		e.BadCount = 0
	}
	e.BadCount++
	e.BadAt = s.now()
	if s.opts.LockoutThreshold > 0 && e.BadCount >= s.opts.LockoutThreshold && !s.locked(e) {
		e.setNumber(attrLockoutTime, filetime(s.now()))
		s.stamp(e)
		return
	}
	s.d.put(e)
}

func (s *Server) locked(e *entry) bool {
	at := e.number(attrLockoutTime)
	return at > 0 && s.since(fromFiletime(at)) < s.opts.LockoutDuration
}

func (s *Server) mustChange(e *entry) bool {
	return e.number(attrPwdLastSet) == 0 && e.number(attrUAC)&uacNeverExpires == 0
}

func (s *Server) passwordExpired(e *entry) bool {
	set := e.number(attrPwdLastSet)
	return s.opts.MaxPasswordAge > 0 && set > 0 && e.number(attrUAC)&uacNeverExpires == 0 && s.since(fromFiletime(set)) > s.opts.MaxPasswordAge
}

func decodeExtended(op element) (string, error) {
	parts, err := op.want(opExtended, 1)
	if err != nil || parts[0].tag != 0x80 {
		return "", errBER
	}
	return string(parts[0].body), nil
}

// extended answers StartTLS and "who am I".
func (s *Server) extended(c *call) (message []byte, code int) {
	var err error
	value := []byte(nil)
	switch c.extended {
	case oidStartTLS:
		if c.session.secure {
			err = refuse(codeOperationsError, "00002020: LdapErr: DSID-0C0907DE, comment: TLS or SSL already in effect, data 0, v4f7c")
		}
	case oidWhoAmI:
		if c.who != nil {
			value = []byte("u:" + s.d.netBIOS + `\` + s.d.entries[c.who.id].first(attrSAM))
		}
	default:
		err = refuse(codeProtocolError, "0000203D: LdapErr: DSID-0C090E7F, comment: Unknown extended request OID, data 0, v4f7c")
	}
	r := asResult(err)
	parts := [][]byte{integer(tagEnum, int64(r.code)), octets(""), octets(r.text), tlv(tagResponseName, []byte(c.extended))}
	if value != nil {
		parts = append(parts, tlv(tagResponseValue, value))
	}
	return c.request.message(tlv(tagExtendedAnswer, parts...)), r.code
}

func decodeCompare(op element) (string, attributeList, error) {
	parts, err := op.want(opCompare, 2)
	if err != nil {
		return "", attributeList{}, err
	}
	name, err := parts[0].text()
	if err != nil {
		return "", attributeList{}, err
	}
	pair, err := parts[1].want(tagSequence, 2)
	if err != nil {
		return "", attributeList{}, err
	}
	attr, err := pair[0].text()
	if err != nil {
		return "", attributeList{}, err
	}
	value, err := pair[1].text()
	return name, attributeList{name: attr, values: []string{value}}, err
}

// compare answers whether an attribute has a value: both answers are codes.
func (s *Server) compare(c *call) error {
	if err := s.authenticated(c); err != nil {
		return err
	}
	e, err := s.live(c.dn)
	if err != nil {
		return err
	}
	f := filter{op: filterEqual, attr: c.compare.name, value: c.compare.values[0]}
	switch s.match(&f, e) {
	case yes:
		return refuse(codeCompareTrue, "")
	case undefined:
		return noAttribute(c.compare.name)
	default:
		return refuse(codeCompareFalse, "")
	}
}
