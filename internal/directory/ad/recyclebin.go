package ad

import (
	"slices"
	"strconv"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory/ad/schema"
)

// recycleBin is what the forest says of its recycle bin.
type recycleBin struct {
	// known is not set where the forest does not tell.
	known, on bool
	// keeps is how long a deleted object can be restored.
	keeps time.Duration
}

const (
	attrDeletedLifetime   = "msDS-deletedObjectLifetime"
	attrTombstoneLifetime = "tombstoneLifetime"
	// unstatedLifetime is what a forest does that states neither.
	unstatedLifetime = 60 * 24 * time.Hour
)

// recycleBin asks the forest.
func (l *link) recycleBin() recycleBin {
	configuration := l.configuration()
	if configuration == "" {
		return recycleBin{}
	}
	base := "CN=Directory Service,CN=Windows NT,CN=Services," + configuration
	const enabled = "msDS-EnabledFeatureBL"
	filter := anyOf(equals(schema.CommonName, "Recycle Bin Feature"), equals(schema.CommonName, "Directory Service"))
	entries, err := l.entries(base, ldap.ScopeWholeSubtree, filter, []string{enabled, schema.CommonName, attrDeletedLifetime, attrTombstoneLifetime})
	if err != nil {
		return recycleBin{}
	}
	out := recycleBin{keeps: unstatedLifetime}
	for _, e := range entries {
		if e.GetEqualFoldAttributeValue(schema.CommonName) == "Recycle Bin Feature" {
			out.known, out.on = true, len(e.GetEqualFoldAttributeValues(enabled)) > 0
			continue
		}
		stated := slices.DeleteFunc([]string{e.GetEqualFoldAttributeValue(attrDeletedLifetime), e.GetEqualFoldAttributeValue(attrTombstoneLifetime)},
			func(text string) bool { return text == "" })
		if len(stated) == 0 {
			continue
		}
		if days, err := strconv.Atoi(stated[0]); err == nil && days > 0 {
			out.keeps = time.Duration(days) * 24 * time.Hour
		}
	}
	return out
}

// restores reports whether what is deleted can come back: the configuration says
// so, or the forest. How long is the forest's to see to: what it no longer restores
// it no longer shows.
func (d *Directory) restores(l *link) bool {
	if d.cfg.RestoreWindow > 0 || d.restorable.Load() {
		return true
	}
	if !l.recycleBin().on {
		return false
	}
	d.restorable.Store(true)
	return true
}
