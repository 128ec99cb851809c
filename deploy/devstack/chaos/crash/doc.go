// Package crash kills processes in the middle of people's stories and wants
// everything to be there once in the end.
package crash
