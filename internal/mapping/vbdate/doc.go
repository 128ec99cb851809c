// Package vbdate is the date arithmetic of Visual Basic, as the mapping
// language uses it: adding intervals to a moment and counting them between two.
// It is pure; all moments are in UTC.
package vbdate
