// Package access says who calls and what that allows: roles, callers and how
// they travel with a request. It decides nothing about people; internal/httpapi
// compares the role of a caller with the least role of a route (S19).
package access
