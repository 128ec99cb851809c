// Package fleet runs several workers and starters of the product beside a site,
// to stop and replace them one by one.
package fleet
