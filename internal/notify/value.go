package notify

import (
	"fmt"
	"strings"
	"time"
)

// Value is what a token stands for: a text, a civil date, or an instant in a zone. The zero Value is absent.
type Value struct {
	text string
	at   time.Time
	kind valueKind
}

type valueKind int

const (
	kindText valueKind = iota
	kindDate
	kindInstant
)

// Values maps a token's name (in its `user.` form, where it has one) to its value. A missing name is absent.
type Values map[string]Value

// absent is shown for an attribute that has no value.
const absent = "–"

const isoDate = "2006-01-02"

// Text is a value shown as it is, on one line.
func Text(s string) Value { return Value{text: s} }

// Date is a civil date. Only year, month and day of t count; it has no zone.
func Date(t time.Time) Value { return Value{at: t, kind: kindDate} }

// Instant is a moment, shown on the clock of t's location and with that location's name.
func Instant(t time.Time) Value { return Value{at: t, kind: kindInstant} }

func (v Value) format(locale string) string {
	switch {
	case v.kind == kindText:
		return v.text
	case v.at.IsZero():
		return ""
	case v.kind == kindDate:
		return formatDate(v.at, locale)
	default:
		return formatInstant(v.at, locale)
	}
}

func formatDate(t time.Time, locale string) string {
	iso := t.Format(isoDate)
	words := longDate(t, locale)
	if words == "" {
		return iso
	}
	return words + " (" + iso + ")"
}

// formatInstant says the same moment twice: as people of that language say it, and so that nobody can misread it.
func formatInstant(t time.Time, locale string) string {
	offset := t.Format("-07:00")
	iso := t.Format(isoDate+" 15:04 ") + "UTC" + offset
	words := longDate(t, locale)
	if words == "" {
		return iso
	}
	return fmt.Sprintf("%s, %s %s (%s)", words, t.Format("15:04"), zoneWords(t, locale), iso)
}

// calendar holds the words of one language. Other languages get the ISO form alone.
type calendar struct {
	days   [7]string
	months [12]string
	zone   string // %s = place
	utc    string
	date   func(day, month string, t time.Time) string
}

func calendarOf(locale string) (calendar, bool) {
	switch language(locale) {
	case "en":
		return calendar{
			days: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
			months: [12]string{
				"January", "February", "March", "April", "May", "June", "July", "August", "September",
				"October", "November", "December",
			},
			zone: "%s time", utc: "Coordinated Universal Time",
			date: func(day, month string, t time.Time) string {
				return fmt.Sprintf("%s, %d %s %d", day, t.Day(), month, t.Year())
			},
		}, true
	case "de":
		return calendar{
			days: [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
			months: [12]string{
				"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
				"Oktober", "November", "Dezember",
			},
			zone: "Uhr, Ortszeit %s", utc: "Uhr, koordinierte Weltzeit",
			date: func(day, month string, t time.Time) string {
				return fmt.Sprintf("%s, %d. %s %d", day, t.Day(), month, t.Year())
			},
		}, true
	case "fr":
		return calendar{
			days: [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
			months: [12]string{
				"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
				"octobre", "novembre", "décembre",
			},
			zone: "heure locale (%s)", utc: "temps universel coordonné",
			date: func(day, month string, t time.Time) string {
				first := ""
				if t.Day() == 1 {
					first = "er"
				}
				return fmt.Sprintf("%s %d%s %s %d", day, t.Day(), first, month, t.Year())
			},
		}, true
	}
	return calendar{}, false
}

func longDate(t time.Time, locale string) string {
	c, ok := calendarOf(locale)
	if !ok {
		return ""
	}
	return c.date(c.days[t.Weekday()], c.months[t.Month()-1], t)
}

// zoneWords names the zone by its place, Europe/Berlin as "Berlin time"; zones without a place by their offset.
func zoneWords(t time.Time, locale string) string {
	c, ok := calendarOf(locale)
	if !ok {
		return ""
	}
	name := t.Location().String()
	if name == "UTC" || name == "Etc/UTC" {
		return c.utc
	}
	region, place, ok := strings.Cut(name, "/")
	if !ok || region == "Etc" {
		return fmt.Sprintf(c.zone, "UTC"+t.Format("-07:00"))
	}
	place = place[strings.LastIndexByte(place, '/')+1:]
	return fmt.Sprintf(c.zone, strings.ReplaceAll(place, "_", " "))
}
