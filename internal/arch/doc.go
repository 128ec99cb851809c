// Package arch holds no product code: its tests guard the structure of the
// house. They check who may import whom, that every package says what it is,
// that registered names stay as they are, and that tables in the documentation
// agree with the code.
package arch
