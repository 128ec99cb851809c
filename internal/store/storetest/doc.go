// Package storetest gives tests the databases the store runs on: SQLite in the
// test's own folder, and a private PostgreSQL that is started once per test
// binary, listens on a socket in a temporary folder and dies with the binary.
//
// Tests of any package use it. A test that runs on both databases takes [Each];
// one that only needs a store takes [New]. Where PostgreSQL's server is not
// installed those tests are skipped aloud, and fail where CI is set. Nothing but
// tests may import it.
package storetest
