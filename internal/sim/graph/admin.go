package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"tenure/internal/sim/fault"
)

const adminRoot = "/_sim/"

// advanceRequest is the body of POST /_sim/advance: a user by ID or userPrincipalName, or a person by employee number.
type advanceRequest struct {
	User     string `json:"user"`
	Employee string `json:"employee"`
	Seconds  int64  `json:"seconds"`
}

// factsRequest is the body of POST /_sim/facts.
type factsRequest struct {
	SignInFacts

	User string `json:"user"`
}

// admin serves the simulator's own tools. They answer the loopback only and need no token: they exist for development.
func (s *Server) admin(w http.ResponseWriter, r *http.Request) {
	if !loopback(r.RemoteAddr) {
		http.Error(w, "the simulator's tools answer the loopback only", http.StatusForbidden)
		return
	}
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, adminRoot) {
	case "GET state":
		s.adminWrite(w, s.State())
	case "GET requests":
		s.adminWrite(w, object{"counts": s.Counts(), "requests": s.Requests()})
	case "DELETE requests":
		s.ResetRequests()
		w.WriteHeader(http.StatusNoContent)
	case "GET faults":
		s.adminWrite(w, s.faults.Standing())
	case "POST faults":
		s.adminDo(w, func() error {
			var rules []fault.Rule
			if err := decodeStrict(r, &rules); err != nil {
				return err
			}
			return s.SetFaults(rules...)
		})
	case "POST advance":
		s.adminDo(w, func() error {
			var in advanceRequest
			if err := decodeStrict(r, &in); err != nil {
				return err
			}
			return s.adminAdvance(in)
		})
	case "POST tenant":
		s.adminDo(w, func() error {
			var in Arrangement
			if err := decodeStrict(r, &in); err != nil {
				return err
			}
			return s.Arrange(in)
		})
	case "POST facts":
		s.adminDo(w, func() error {
			var in factsRequest
			if err := decodeStrict(r, &in); err != nil {
				return err
			}
			return s.SetSignInFacts(in.User, in.SignInFacts)
		})
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) adminAdvance(in advanceRequest) error {
	by := time.Duration(in.Seconds) * time.Second
	switch {
	case (in.User == "") == (in.Employee == ""):
		return errors.New("advance clock: name a user or an employee, not both")
	case in.User != "":
		return s.Advance(in.User, by)
	default:
		return s.AdvanceEmployee(in.Employee, by)
	}
}

// loopback reports a caller on this machine. A recorder in a test has an address of its own.
func loopback(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func decodeStrict(r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("decode body: %w", err)
	}
	return nil
}

func (s *Server) adminDo(w http.ResponseWriter, do func() error) {
	if err := do(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) adminWrite(w http.ResponseWriter, body any) {
	w.Header().Set(headerType, "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(body); err != nil {
		s.log.Warn("cannot write answer", "error", err)
	}
}
