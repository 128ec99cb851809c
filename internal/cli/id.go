package cli

import (
	"strings"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// parseID reads [realm/]key. A key with a slash needs its realm.
func parseID(text string) (httpapi.PersonID, error) {
	realm, key, found := strings.Cut(text, "/")
	if !found {
		realm, key = contract.DefaultRealm, text
	}
	switch {
	case realm == "" || key == "":
		return httpapi.PersonID{}, usage("the ID is %q: want [realm/]key, such as 1001 or %s/1001", text, contract.DefaultRealm)
	case !isClean(text):
		return httpapi.PersonID{}, usage("the ID %q holds characters that no key has", text)
	case !contract.KeyFits(key) || !contract.KeyFits(realm):
		return httpapi.PersonID{}, usage("the ID %q is too long", text)
	}
	return httpapi.PersonID{Realm: realm, Key: key}, nil
}

// showID writes an ID as it can be given back.
func showID(id httpapi.PersonID) string {
	if id.Realm == contract.DefaultRealm && !strings.Contains(id.Key, "/") {
		return id.Key
	}
	return id.Realm + "/" + id.Key
}

// quoted writes an argument so that a shell reads it back.
func quoted(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/:,@+=%", r)
	}
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
