// Package authority makes the certificate authorities of the simulators and the certificates of their servers, so that
// clients connect as they do to the real service: encrypted, and checking whom they talk to.
//
// Certificates are made on the machine's clock, by which clients check them. The keys are for development only.
//
// The package must not know any simulator.
package authority
