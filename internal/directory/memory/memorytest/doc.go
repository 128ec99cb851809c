// Package memorytest arranges a directory in memory for the conformance suite
// of directories, with every fact and fault the suite can use, so that no case
// has to be left out.
//
// The tests of the directory in memory and of the decorators around one use it;
// no product code does.
package memorytest
