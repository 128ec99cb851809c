// Package schema knows the attributes of an Active Directory account and how
// they are written as text. It imports nothing of LDAP, so that a policy can be
// checked without the connector.
package schema
