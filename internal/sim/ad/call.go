package ad

import (
	"slices"
	"strings"

	"tenure/internal/sim/fault"
)

// call is one operation with who asks for it.
type call struct {
	session *session
	request request
	who     *principal

	dn       string
	search   search
	bind     bindRequest
	attrs    []attributeList // of an add
	changes  []change
	rename   rename
	compare  attributeList
	extended string
	// strangers are the objects of other domains that the operation names, by what it names them.
	strangers map[string]stranger
	// taken are the user names, folded, that the operation gives and another domain has.
	taken map[string]bool
}

// decode reads the operation of a request.
func (c *call) decode() error {
	op := c.request.op
	var err error
	switch op.tag {
	case opSearch:
		c.search, err = decodeSearch(op)
		c.dn = c.search.base
	case opBind:
		c.bind, err = decodeBind(op)
		c.dn = c.bind.name
	case opAdd:
		c.dn, c.attrs, err = decodeAdd(op)
	case opModify:
		c.dn, c.changes, err = decodeModify(op)
	case opDelete:
		c.dn = string(op.body)
	case opModifyDN:
		c.dn, c.rename, err = decodeRename(op)
	case opCompare:
		c.dn, c.compare, err = decodeCompare(op)
	case opExtended:
		c.extended, err = decodeExtended(op)
	default:
		err = errBER
	}
	return err
}

// handle performs a request and answers it. It tells whether the connection goes on.
func (s *session) handle(q request) bool {
	c := &call{session: s, request: q, who: s.principal()}
	line := LogLine{At: s.server.Now(), Op: opName(q.op.tag)}
	if err := c.decode(); err != nil {
		line.Code = codeProtocolError
		s.server.trail.add(line)
		s.send(q.result(err))
		return true
	}
	about := s.server.describe(c, &line)
	rule, hit := s.server.faults.Next(fault.Request{Method: line.Op, Path: line.Path, About: about})
	if !hit {
		return s.answer(c, line)
	}
	line.Fault = string(rule.Kind)
	return s.misfortune(c, line, rule)
}

// answer performs a call, notes it and says what came of it.
func (s *session) answer(c *call, line LogLine) bool {
	message, code := s.controller.perform(c)
	line.Code = code
	s.server.trail.add(line)
	s.send(message)
	if c.request.op.tag == opExtended && c.extended == oidStartTLS && code == 0 {
		return s.in.Buffered() == 0 && s.encrypt() == nil
	}
	return true
}

// perform carries an operation out and returns the answer with its code.
func (s *Server) perform(c *call) (message []byte, code int) {
	s.updateReferences()
	c.strangers, c.taken = s.strangers(c), s.namedElsewhere(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	message, code = s.carryOut(c)
	if err := s.commit(); err != nil {
		s.opts.Log.Error(cannotKeep, "error", err)
		err = refuse(codeOther, "00000057: the simulator cannot keep its state")
		return c.request.result(err), asResult(err).code
	}
	return message, code
}

func (s *Server) carryOut(c *call) (message []byte, code int) {
	err := s.unknownControl(c)
	if err == nil {
		switch c.request.op.tag {
		case opSearch:
			message, err = s.search(c)
			return message, asResult(err).code
		case opExtended:
			return s.extended(c)
		case opBind:
			err = s.bind(c)
		case opCompare:
			err = s.compare(c)
		default:
			err = s.write(c)
		}
	}
	return c.request.result(err), asResult(err).code
}

// write performs an operation that changes the domain.
func (s *Server) write(c *call) error {
	if err := s.authenticated(c); err != nil {
		return err
	}
	switch c.request.op.tag {
	case opAdd:
		return s.add(c)
	case opModify:
		return s.modify(c)
	case opDelete:
		return s.remove(c)
	default:
		return s.modifyDN(c)
	}
}

func (s *Server) unknownControl(c *call) error {
	for _, ctl := range c.request.controls {
		if ctl.critical && !slices.Contains(knownControls(), ctl.oid) {
			return refuse(codeUnavailableCrit, "00000057: LdapErr: DSID-0C0908B7, comment: Error processing control, data 0, v4f7c")
		}
	}
	return nil
}

func (s *Server) authenticated(c *call) error {
	if c.who == nil {
		return refuse(codeOperationsError, "000004DC: LdapErr: DSID-0C090A69, comment: In order to perform this operation a successful bind must be completed on the connection., data 0, v4f7c")
	}
	return nil
}

// describe tells what a call is about: for the journal, and for the rules of faults.
func (s *Server) describe(c *call, line *LogLine) func(subject string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	line.DN = c.dn
	if c.who != nil {
		if e := s.d.entries[c.who.id]; e != nil {
			line.Who = e.first(attrSAM)
		}
	}
	var subjects []string
	parts := []string{}
	switch c.request.op.tag {
	case opBind:
		parts = append(parts, "simple")
	case opExtended:
		parts = append(parts, c.extended)
	case opSearch:
		line.Attributes = c.search.filter.attributes()
		parts = append(append(parts, []string{"base", "one", "sub"}[c.search.scope]), line.Attributes...)
		subjects = append(c.search.filter.values(), s.subjects(c.dn)...)
		for _, value := range c.search.filter.values() {
			subjects = append(subjects, s.subjects(value)...)
		}
	case opAdd:
		parts = append(parts, classOf(c.attrs))
		line.Attributes, subjects = addSubjects(c.attrs)
	default:
		line.Attributes = changedAttributes(c.changes)
		parts = append(parts, "unknown")
		if e, err := s.d.lookup(c.dn); err == nil {
			parts[0] = e.Class
			if e.Deleted != nil {
				parts[0] = "deleted"
			}
			subjects = append(subjects, s.subjects(c.dn)...)
		}
		for _, ch := range c.changes {
			if isAttribute(ch.name, attrMember) {
				for _, member := range ch.values {
					subjects = append(subjects, s.subjects(member)...)
				}
			}
		}
		parts = append(parts, line.Attributes...)
	}
	line.Path = "/" + strings.ToLower(strings.Join(parts, "/"))
	return func(subject string) bool { return subject != "" && slices.Contains(subjects, subject) }
}

// subjects are the numbers and logon names of an account by its name, none where it
// is no account's.
func (s *Server) subjects(dn string) []string {
	e, err := s.d.lookup(dn)
	if err != nil || e.Class != classUser {
		return nil
	}
	return []string{e.first(attrEmployeeID), e.first(attrSAM)}
}

func changedAttributes(changes []change) []string {
	var out []string
	for _, ch := range changes {
		out = append(out, strings.ToLower(ch.name))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func classOf(attrs []attributeList) string {
	for _, a := range attrs {
		if isAttribute(a.name, attrObjectClass) && len(a.values) > 0 {
			return a.values[len(a.values)-1]
		}
	}
	return "unknown"
}

func addSubjects(attrs []attributeList) (names, subjects []string) {
	for _, a := range attrs {
		names = append(names, strings.ToLower(a.name))
		if isAttribute(a.name, attrEmployeeID) || isAttribute(a.name, attrSAM) {
			subjects = append(subjects, a.values...)
		}
	}
	slices.Sort(names)
	return names, subjects
}
