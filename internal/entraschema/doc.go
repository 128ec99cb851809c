// Package entraschema reads the schema of a Microsoft Entra synchronization job,
// as Graph exports it, and turns what it says about users into the mapping of a
// target in a policy, with a note on everything: taken, translated, or refused
// and why.
//
// It is pure: it reads a document and gives values. The form is Graph's
// synchronizationSchema (learn.microsoft.com/graph/api/resources/synchronization-synchronizationschema).
package entraschema
