package entra

import (
	"time"

	"tenure/internal/directory"
)

// Limits is Graph's documented budget for one application in one tenant: 3000
// writes per two and a half minutes and, for the smallest tenants, 3500
// resource units per ten seconds. A verb costs what its dearest path draws; a
// walk over the accounts is charged for five pages of 999 and is, however long,
// far within the units.
func Limits() directory.Limits {
	read := func(units int) directory.Cost { return directory.Cost{Units: units} }
	write := func(units int) directory.Cost { return directory.Cost{Writes: 1, Units: units} }
	return directory.Limits{
		Writes: directory.Budget{Amount: 3000, Per: 150 * time.Second},
		Units:  directory.Budget{Amount: 3500, Per: 10 * time.Second},
		Costs: map[directory.Verb]directory.Cost{
			directory.VerbAccount:              read(1),
			directory.VerbAccountsByEmployeeID: read(2),
			directory.VerbAccountsByAnchor:     read(3),
			directory.VerbAccountByUserName:    read(1),
			directory.VerbCreateAccount:        write(1),
			directory.VerbUpdateAccount:        write(2),
			directory.VerbSetManager:           write(2),
			directory.VerbDeleteAccount:        write(1),
			directory.VerbDeletedAccounts:      read(1),
			directory.VerbRestoreAccount:       write(2),
			directory.VerbGroup:                read(1),
			directory.VerbMemberships:          read(2),
			directory.VerbAddToGroup:           write(1),
			directory.VerbRemoveFromGroup:      write(1),
			directory.VerbLicenses:             read(1),
			directory.VerbChangeLicenses:       write(2),
			directory.VerbRevokeSessions:       write(1),
			directory.VerbPasses:               read(1),
			directory.VerbIssuePass:            write(1),
			directory.VerbDeletePass:           write(1),
			directory.VerbSignInFacts:          read(4),
			directory.VerbListAccounts:         read(10),
			directory.VerbProtection:           read(8),
			directory.VerbOwnerships:           read(1),
			directory.VerbMemberOf:             read(1),
			directory.VerbInspect:              read(20),
		},
	}
}
