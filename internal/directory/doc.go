// Package directory is the port to the systems that hold accounts: Microsoft
// Entra ID and, later, Active Directory.
//
// A connector implements [Directory] and as many of the small ability
// interfaces beside it as its system offers; [Capabilities] says in data what
// it can do, so that a plan refuses a task early instead of at night. Verbs are
// convergent where the system allows it: asking for what is already so is a
// success. Connectors translate every vendor error into the sentinels of this
// package and know nothing of Temporal, policies or people: they see object
// IDs and attributes.
//
// Connectors must not retry, must not read a clock for decisions and must not
// put attribute values, passwords or passes into an error.
package directory
