package graph

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var errNoUser = errors.New("no such user")

// now is the tenant's instant.
func (s *Server) now() time.Time { return s.opts.Now().UTC() }

// at is the instant of one user's own objects: passes, sign-ins, age among the deleted items.
func (s *Server) at(u *user) time.Time { return s.now().Add(s.offset(u)) }

func (s *Server) offset(u *user) time.Duration { return u.Offset + s.t.shifts[u.text(propEmployeeID)] }

// find finds a user by ID, deleted or not, or a live one by userPrincipalName.
func (s *Server) find(name string) (*user, error) {
	if u := s.t.users[folded(name)]; u != nil {
		return u, nil
	}
	if u := s.t.userByName(name); u != nil {
		return u, nil
	}
	return nil, errNoUser
}

// Advance moves the clock of one account by d. The user is named by ID, which finds deleted ones too, or by
// userPrincipalName.
func (s *Server) Advance(name string, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.find(name)
	if err != nil {
		return fmt.Errorf("advance clock: %w", err)
	}
	u.Offset += d
	s.touchQuietly(u)
	s.sweep()
	return s.commit()
}

// AdvanceEmployee moves the clock of a person by d: of all accounts with the employee number, the deleted ones too, and
// of those that get it later, so that a person's time can be moved before there is an account.
func (s *Server) AdvanceEmployee(number string, d time.Duration) error {
	if strings.TrimSpace(number) == "" {
		return errors.New("advance clock: employee number is empty")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.t.shifts[number] += d
	s.dirty.shifts = append(s.dirty.shifts, number)
	s.sweep()
	return s.commit()
}
