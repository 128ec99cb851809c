// Package schema describes the user properties of Entra ID that Tenure reads
// and writes, as data and without the vendor's SDK: policies are checked
// against it in places that must not pay for compiling the SDK.
//
// The connector beside it accepts exactly these names.
package schema
