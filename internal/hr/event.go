package hr

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"time"

	"golang.org/x/text/unicode/norm"

	"tenure/internal/person"
)

// Event completes an event of the feed.
func (n *Normaliser) Event(id string, asOf time.Time, completeness person.Completeness, record person.Record) person.Event {
	return person.Event{
		ID: id, Feed: n.feed.Name, AsOf: asOf.UTC(), Completeness: completeness,
		OwnsStatus: n.feed.OwnsStatus(), Record: record,
	}
}

// ContentID is the ID of an event that has none of its own: the same facts of
// the same date give the same ID.
func (n *Normaliser) ContentID(key string, asOf time.Time, record person.Record) string {
	sum := sha256.New()
	write := func(texts ...string) {
		for _, text := range texts {
			writeText(sum, text)
		}
	}
	write(n.feed.Name, key, asOf.UTC().Format(time.RFC3339Nano))
	attributes := func(list person.Attributes) {
		for _, a := range list {
			write(a.Name, a.Value)
		}
		write("")
	}
	attributes(record.Attributes)
	for _, e := range record.Employments {
		write("employment", e.ID)
		attributes(e.Attributes)
	}
	for _, a := range record.Assignments {
		primary := ""
		if a.Primary {
			primary = "primary"
		}
		write("assignment", a.ID, a.EmploymentID, primary, a.From.String(), a.To.String())
		attributes(a.Attributes)
	}
	const bytes = 12 // 96 bits tell the events of one person apart
	return hex.EncodeToString(sum.Sum(nil)[:bytes])
}

// writeText puts the length first, so that no two lists of texts look alike.
func writeText(sum hash.Hash, text string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(text)))
	sum.Write(length[:])
	sum.Write([]byte(text))
}

// HashKey is the person key of a feed whose key column must not be used in the
// clear.
func HashKey(secret []byte, raw string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(norm.NFC.Bytes([]byte(raw)))
	const bytes = 20 // 160 bits: no two people of an organisation collide
	return hex.EncodeToString(mac.Sum(nil)[:bytes])
}
