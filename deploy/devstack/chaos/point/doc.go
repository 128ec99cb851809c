// Package point counts the moments that a worker passes on behalf of a person
// and holds it at one of them, so that it is killed there.
//
// The worker asks at each moment and goes on when it is answered. Who is held
// never hears: the process dies with the question open. The counts are kept on
// this side, so that they outlive the worker.
package point
