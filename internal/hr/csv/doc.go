// Package csv reads HR files of character-separated values.
//
// The starter and the command line use it. Everything about a file is declared
// in the feed: columns, delimiter, encoding, layout of dates, words for empty.
// Nothing is guessed. A file that cannot be understood as a whole is an error;
// a row that cannot is rejected and counts as present; rows that share a key
// are all rejected; a file that would remove too many people or has too many
// rejects is held (S11).
//
// [Read] is a pure function of content, definition, date of truth and the
// people of the file before. It reads the content twice, once for the report
// and once for the events, so that memory grows with the number of keys and
// not with the size of the rows. Cells are text: what looks like a formula is
// kept and never evaluated.
package csv
