package webhook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"tenure/internal/hr/webhook"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

func decoder(t testing.TB) *webhook.Decoder {
	t.Helper()
	out, err := webhook.NewDecoder(lifecycle.Feed{Name: "hris", Kind: lifecycle.FeedWebhook, Realm: "main"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wrap puts a record into a body.
func wrap(record string) string {
	return `{"type":"person.record","timestamp":"2026-11-22T08:00:00Z","data":{"key":"1513","asOf":"2026-11-22T08:00:00+01:00","sequence":7,"completeness":"full","record":` + record + `}}`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	body := wrap(`{
		"employeeId":"1513","personKey":"p1","person":{"legalName":{"given":"Zoe\u0308","family":"Lima"}},
		"contact":{"mobile":null},"managerRef":{"kind":"employeeId","value":"7"},"ext":{"badge":"x"},
		"employments":[{"id":"e1","kind":"employee","status":"active","startDate":"2026-12-01","leave":null}],
		"assignments":[{"id":"a1","employmentId":"e1","primary":true,"from":"2026-12-01","to":null,"fte":0.50,"department":{"name":"Sales"}}]}`)
	got, err := decoder(t).Decode("msg_1", []byte(body), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	want := person.Event{
		ID: "msg_1", Feed: "hris", AsOf: time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC), Sequence: 7,
		Completeness: person.Full, OwnsStatus: true,
		Record: person.Record{
			Attributes: person.Attributes{
				{Name: "contact.mobile"},
				{Name: "employeeId", Value: "1513"},
				{Name: "ext.badge", Value: "x"},
				{Name: "managerRef.kind", Value: "employeeId"},
				{Name: "managerRef.value", Value: "7"},
				{Name: "person.legalName.family", Value: "Lima"},
				{Name: "person.legalName.given", Value: "Zo\u00eb"},
				{Name: "personKey", Value: "p1"},
			},
			Employments: []person.Employment{{ID: "e1", Attributes: person.Attributes{
				{Name: "employment.kind", Value: "employee"},
				{Name: "employment.leave.actualReturn"},
				{Name: "employment.leave.expectedReturn"},
				{Name: "employment.leave.keepsAccess"},
				{Name: "employment.leave.paid"},
				{Name: "employment.leave.start"},
				{Name: "employment.leave.type"},
				{Name: "employment.startDate", Value: "2026-12-01"},
				{Name: "employment.status", Value: "active"},
			}}},
			Assignments: []person.Assignment{{
				ID: "a1", EmploymentID: "e1", Primary: true, From: person.Date{Year: 2026, Month: 12, Day: 1},
				Attributes: person.Attributes{
					{Name: "assignment.department.name", Value: "Sales"},
					{Name: "assignment.fte", Value: "0.5"},
				},
			}},
		},
	}
	if diff := cmp.Diff(want, got.Event); diff != "" {
		t.Errorf("event differs (-want +got):\n%s", diff)
	}
	if got.Key != "1513" {
		t.Errorf("key = %q, want 1513", got.Key)
	}
}

func TestDecodeReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	body := `{"type":"person.updated","timestamp":"now","data":{"key":"Ana Lima","asOf":"2026-11-22","sequence":0,
		"completeness":"whole","colour":1,"record":{"employeId":"1","person":{"legalName":{"given":7}},
		"employments":[{"startDate":"2026-02-30","status":"Active"}],"managerRef":{"value":"7"}}}}`
	_, err := decoder(t).Decode("msg", []byte(body), time.Time{})
	var invalid *webhook.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("Decode = %v, want an InvalidError", err)
	}
	want := []string{
		`type: unknown type "person.updated"; allowed is person.record`,
		`timestamp: "now" is no instant such as 2026-11-22T08:00:00Z`,
		"data.key: person key looks like a name; declare a key column without personal data, or key: {hmac: ...}",
		`data.asOf: "2026-11-22" is no instant such as 2026-11-22T08:00:00Z`,
		"data.sequence: want a whole number from 1 to 2^53",
		`data.completeness: unknown word "whole"; allowed are full, partial`,
		`data.record.employeId: unknown name; did you mean "employeeId"?`,
		"data.record.person.legalName.given: want string, found number",
		"data.colour: unknown name",
		"managerRef.value: the kind of reference is missing",
		`data.record.employments[0]: employment.startDate: "2026-02-30" is no date YYYY-MM-DD`,
		`data.record.employments[0]: employment.status: unknown code "Active"; allowed are pre_hire, active, leave, suspended, terminated, rescinded, no_show, discarded`,
	}
	if diff := cmp.Diff(want, invalid.Problems); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
	if strings.Contains(err.Error(), "Ana") {
		t.Errorf("error names a person: %v", err)
	}
}

func TestDecodeRefusesTheFuture(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	if _, err := decoder(t).Decode("msg", []byte(wrap(`{}`)), now); err != nil {
		t.Errorf("asOf a day ahead = %v, want it taken", err)
	}
	if _, err := decoder(t).Decode("msg", []byte(wrap(`{}`)), now.Add(-time.Second)); err == nil {
		t.Error("asOf more than a day ahead was taken")
	}
}

// What only the decoder can see, beside what the schema says.
func TestDecodeRefusesBeyondTheSchema(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"repeated name":        strings.Replace(wrap(`{}`), `"sequence":7`, `"sequence":7,"sequence":8`, 1),
		"repeated deep":        wrap(`{"person":{"displayName":"a","displayName":"b"}}`),
		"no such day":          wrap(`{"employments":[{"startDate":"2026-02-29"}]}`),
		"end before start":     wrap(`{"employments":[{"startDate":"2026-02-02","lastDayOfWork":"2026-02-01"}]}`),
		"to before from":       wrap(`{"assignments":[{"from":"2026-02-02","to":"2026-02-02"}]}`),
		"id twice":             wrap(`{"employments":[{"id":"1"},{"id":"1"}]}`),
		"id missing":           wrap(`{"employments":[{"id":"1"},{}]}`),
		"employment unknown":   wrap(`{"employments":[{"id":"1"}],"assignments":[{"employmentId":"2"}]}`),
		"control character":    wrap(`{"person":{"displayName":"a\u0007"}}`),
		"lone surrogate":       wrap(`{"person":{"displayName":"\ud800"}}`),
		"name as key":          strings.Replace(wrap(`{}`), "1513", "Ana Lima", 1),
		"something behind":     wrap(`{}`) + "{}",
		"cut":                  wrap(`{}`)[:100],
		"invalid UTF-8":        wrap(`{"employeeId":"` + "\xff" + `"}`),
		"too deep":             strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"empty":                "",
		"zone that is no zone": wrap(`{"person":{"timeZone":"Berlin time"}}`),
	} {
		if got, err := decoder(t).Decode("msg", []byte(body), time.Time{}); err == nil {
			t.Errorf("%s: decoded to %+v, want an error", name, got)
		}
	}
}

// bodies is the table on which schema and decoder must agree.
func bodies() map[string]bool {
	long := strings.Repeat("a", 1025)
	return map[string]bool{
		wrap(`{}`): true,
		wrap(`{"employeeId":"1","ext":{"a":"b","c":null}}`):        true,
		wrap(`{"employeeId":""}`):                                  true,
		wrap(`{"employeeId":7}`):                                   false,
		wrap(`{"employeeId":"` + long + `"}`):                      false,
		wrap(`{"employee_id":"1"}`):                                false,
		wrap(`{"ext":{"1a":"b"}}`):                                 false,
		wrap(`{"ext":{"a":1}}`):                                    false,
		wrap(`{"ext":null}`):                                       false,
		wrap(`{"person":null}`):                                    false,
		wrap(`{"person":{"legalName":null}}`):                      true,
		wrap(`{"person":{"birthDate":"1990-01-31"}}`):              true,
		wrap(`{"person":{"birthDate":"1990-1-31"}}`):               false,
		wrap(`{"person":{"birthDate":"1900-01-01"}}`):              false,
		wrap(`{"person":{"birthDate":"9999-12-31"}}`):              false,
		wrap(`{"person":{"birthDate":""}}`):                        false,
		wrap(`{"person":{"birthDate":null}}`):                      true,
		wrap(`{"managerRef":null}`):                                true,
		wrap(`{"managerRef":{"kind":"employeeId","value":"1"}}`):   true,
		wrap(`{"managerRef":{"kind":"boss","value":"1"}}`):         false,
		wrap(`{"employments":[]}`):                                 true,
		wrap(`{"employments":null}`):                               false,
		wrap(`{"employments":{}}`):                                 false,
		wrap(`{"employments":[{"status":"active"}]}`):              true,
		wrap(`{"employments":[{"status":"Active"}]}`):              false,
		wrap(`{"employments":[{"status":""}]}`):                    false,
		wrap(`{"employments":[{"status":null}]}`):                  true,
		wrap(`{"employments":[{"id":""}]}`):                        false,
		wrap(`{"employments":[{"id":null}]}`):                      false,
		wrap(`{"employments":[{"leave":{"keepsAccess":true}}]}`):   true,
		wrap(`{"employments":[{"leave":{"keepsAccess":"true"}}]}`): false,
		wrap(`{"employments":[{"leave":{"colour":"red"}}]}`):       false,
		wrap(`{"employments":[{"leave":null}]}`):                   true,
		wrap(`{"assignments":[{"primary":false,"fte":1e1}]}`):      true,
		wrap(`{"assignments":[{"fte":"1"}]}`):                      false,
		wrap(`{"assignments":[{"department":{"name":"Sales"}}]}`):  true,
		wrap(`{"assignments":[{"department":"Sales"}]}`):           false,
		wrap(`[]`): false,
		wrap(`{"employments":[` + strings.TrimSuffix(strings.Repeat(`{"id":"x"},`, 51), ",") + `]}`): false,
		strings.Replace(wrap(`{}`), `"sequence":7,`, ``, 1):                                          true,
		strings.Replace(wrap(`{}`), `"sequence":7`, `"sequence":0`, 1):                               false,
		strings.Replace(wrap(`{}`), `"sequence":7`, `"sequence":1.5`, 1):                             false,
		strings.Replace(wrap(`{}`), `"key":"1513",`, ``, 1):                                          false,
		strings.Replace(wrap(`{}`), `"1513"`, `""`, 1):                                               false,
		strings.Replace(wrap(`{}`), `"1513"`, `"a@contoso.example"`, 1):                              false,
		strings.Replace(wrap(`{}`), `"full"`, `"hint"`, 1):                                           false,
		strings.Replace(wrap(`{}`), `person.record`, `person.deleted`, 1):                            false,
		strings.Replace(wrap(`{}`), `2026-11-22T08:00:00Z`, `yesterday`, 1):                          false,
		strings.Replace(wrap(`{}`), `2026-11-22T08:00:00+01:00`, `2026-11-22`, 1):                    false,
		strings.Replace(wrap(`{}`), `"type"`, `"Type"`, 1):                                           false,
		strings.Replace(wrap(`{}`), `{"type"`, `{"more":1,"type"`, 1):                                false,
		`{}`:   false,
		`null`: false,
		`[]`:   false,
	}
}

func TestSchemaAndDecoderAgree(t *testing.T) {
	t.Parallel()
	compiled := compile(t)
	for body, want := range bodies() {
		_, err := decoder(t).Decode("msg", []byte(body), time.Time{})
		if (err == nil) != want {
			t.Errorf("decoder on %.300s: %v; want good = %v", body, err, want)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); (err == nil) != want {
			t.Errorf("schema on %.300s: %v; want good = %v", body, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for body := range bodies() {
		f.Add([]byte(body))
	}
	d, compiled := decoder(f), compile(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := d.Decode("msg", body, time.Time{})
		if err != nil {
			return
		}
		if person.KeyProblem(got.Key) != "" {
			t.Fatalf("key %q is no key", got.Key)
		}
		if _, err := json.Marshal(got.Event); err != nil {
			t.Fatalf("event does not encode: %v", err)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(body)))
		if err != nil {
			t.Fatalf("decoder took what is no JSON: %v", err)
		}
		if err := compiled.Validate(value); err != nil {
			t.Fatalf("decoder took what the schema refuses: %v", fmt.Sprintf("%.300v", err))
		}
	})
}
