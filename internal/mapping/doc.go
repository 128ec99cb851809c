// Package mapping is the attribute-mapping expression language of Microsoft
// Entra's provisioning service: reading, checking and evaluating it.
//
// [Parse] makes an immutable [Expression] with exact positions, [Compile] also
// checks it, and [Expression.Evaluate] is a pure function of the expression, the
// attributes, the clock, the random source and the answers of the target that an
// [Environment] holds. Expressions are safe for concurrent use. Nothing in here
// panics on input: what is wrong is a [Problem] with a place, and what a hostile
// expression may cost is bounded in length, depth, size and time.
//
// Dates are in package netdate (formats of .NET) and vbdate (the arithmetic of
// Visual Basic); both stand alone.
//
// The package knows neither policies nor people nor directories, and reads no
// clock, network, environment or locale.
package mapping
