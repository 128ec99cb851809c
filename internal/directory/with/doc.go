// Package with decorates directory targets: the rate limit and the log around
// every call.
//
// A decorator is an [Around], a function around one call of one verb. [Wrap]
// applies it to each ability of a [directory.Target], so that no ability is
// hidden. Composition roots wrap from the inside out: log(limit(connector)), so
// that the log shows the waits too. Decorators change neither arguments nor
// results and never repeat a call.
package with
