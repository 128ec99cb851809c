package ad

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"tenure/internal/sim/fault"
)

// FaultKinds lists the kinds of fault that a domain controller knows. Throttled is code 51, Unavailable 52, NotFound 32
// and Exhausted 80; Unlisted is an empty answer to a search.
func FaultKinds() []fault.Kind {
	return []fault.Kind{
		fault.Throttled, fault.Unavailable, fault.NotFound, fault.Exhausted, fault.Lost, fault.Silent, fault.Reset, fault.Slow, fault.Unlisted,
	}
}

// SetFaults replaces the fault schedule. The method of a rule is an operation, its path is explained at the package; it
// is about who has an employee number or a logon name.
func (s *Server) SetFaults(rules ...fault.Rule) error {
	var problems []error
	for _, r := range rules {
		if !slices.Contains(FaultKinds(), r.Kind) {
			problems = append(problems, fmt.Errorf("read fault rule: no domain controller does %q", r.Kind))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	return s.faults.Set(rules...)
}

// refused is the answer of the faults that are plain answers.
func (s *Server) refused(kind fault.Kind) error {
	switch kind {
	case fault.Throttled:
		return refuse(codeBusy, "00002024: LdapErr: DSID-0C0C01F5, comment: The server is busy, data 0, v4f7c")
	case fault.NotFound:
		return noObject(s.BaseDN())
	case fault.Exhausted:
		return refuse(codeOther, "00000008: SysErr: DSID-031A1202, problem 12 (Not enough space), data 0\n")
	default:
		return refuse(codeUnavailable, "0000200E: LdapErr: DSID-0C0C01F5, comment: The directory service is unavailable, data 0, v4f7c")
	}
}

// misfortune carries out a fault.
func (s *session) misfortune(c *call, line LogLine, rule fault.Rule) bool {
	wait := func() error {
		return s.server.opts.Sleep(s.controller.ctx, time.Duration(rule.DelayMillis)*time.Millisecond)
	}
	switch rule.Kind {
	case fault.Reset:
		s.server.trail.add(line)
		hangUp(s.raw)
		return false
	case fault.Lost, fault.Silent:
		_, line.Code = s.controller.perform(c)
		s.server.trail.add(line)
		_ = wait() // who has gone by then hears as little
		return rule.Kind == fault.Silent
	case fault.Slow:
		if wait() != nil {
			return false
		}
		return s.answer(c, line)
	case fault.Unlisted:
		s.server.trail.add(line)
		s.send(c.request.result(nil))
		return true
	default:
		err := s.server.refused(rule.Kind)
		line.Code = asResult(err).code
		s.server.trail.add(line)
		s.send(c.request.result(err))
		return true
	}
}

// hangUp ends a connection with a reset.
func hangUp(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
