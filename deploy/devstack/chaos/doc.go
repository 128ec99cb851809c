// The command chaos proves that Tenure does everything once, whatever happens:
// it kills processes, breaks answers, shuffles what HR says and stops processes
// under load, and reads from the simulators what became of it.
//
//	go run ./chaos [-short] [-only crash] [-database sqlite|postgres] [-seed N] [-v]
//
// It ends with 1 where something was lost or doubled, where less was tried than
// the least, or where a check failed. docs/reliability.md says what it proves.
package main
