// Command tenure is the one binary of the product: the processes (tenure
// worker, tenure starter) and the operator's commands.
//
// The commands live in internal/cli, where they are tested. This package hands
// them the machine: streams, signals, the environment, and the two processes,
// which link Temporal and the vendors' SDKs. It must hold nothing else.
package main
