// Package leak searches what a system wrote for words that must not be there:
// secrets, and names where none may stand.
//
// The end-to-end tests use it. A word is looked for as it is and in the forms in
// which programs hide it without meaning to: base64 at any place of a longer
// text, hex, percent-encoding, and the escapes of JSON and of Go. Findings name
// the place and the kind of word, never the word, since the output of a test is
// a log too.
//
// What it cannot find: a word that was encrypted, hashed, compressed or cut into
// pieces. Unpack what is packed before it is searched.
package leak
