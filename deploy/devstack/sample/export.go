package sample

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"time"
)

// Export is one HR file.
type Export struct {
	// Name carries the day, AsOf says so.
	Name string
	AsOf time.Time
	CSV  []byte
}

// Exports are yesterday's and today's files of the organisation. Day is the
// morning on which the sample was made.
func Exports(day time.Time) ([]Export, error) {
	today := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	var out []Export
	for _, asOf := range []time.Time{today.AddDate(0, 0, -1), today} {
		content, err := export(today, asOf.Before(today))
		if err != nil {
			return nil, fmt.Errorf("write sample: %w", err)
		}
		out = append(out, Export{Name: "hr-" + asOf.Format("20060102") + ".csv", AsOf: asOf, CSV: content})
	}
	return out, nil
}

func columns() []string {
	return []string{
		"WorkerID", "WorkerType", "WorkerStatus", "FirstName", "LastName", "PrivateEmail", "WorkEmail", "StartDate", "LastDay",
		"Department", "JobTitle", "Location", "CountryCode", "TimeZone", "ManagerID",
	}
}

func export(today time.Time, yesterday bool) ([]byte, error) {
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	if err := writer.Write(columns()); err != nil {
		return nil, err
	}
	for _, e := range people() {
		if yesterday && e.isNew {
			continue
		}
		if err := writer.Write(e.at(yesterday).row(today)); err != nil {
			return nil, err
		}
	}
	writer.Flush()
	return out.Bytes(), writer.Error()
}

// at is the row as that day's export states it.
func (e employee) at(yesterday bool) employee {
	if !yesterday || e.before == nil {
		return e
	}
	e.department, e.title, e.last, e.status = e.before.department, e.before.title, e.before.last, e.before.status
	if e.before.start != 0 {
		e.start = e.before.start
	}
	return e
}

func (e employee) row(today time.Time) []string {
	kind, status := e.kind, e.status
	if kind == "" {
		kind = "Employee"
	}
	if status == "" {
		status = "Active"
	}
	private, work := "", ""
	if e.start >= 0 {
		private = strings.ToLower("candidate"+e.id) + "@fabrikam.example"
	} else if e.existed() {
		work = userName(e)
	}
	return []string{
		e.id, kind, status, e.given, e.family, private, work, date(today, e.start), date(today, e.last),
		e.department, e.title, e.place.name, e.place.country, e.place.zone, e.manager,
	}
}

func date(today time.Time, days int) string {
	if days == never {
		return ""
	}
	return today.AddDate(0, 0, days).Format(time.DateOnly)
}
