// Package process runs parts of the stack as processes of their own, which can
// be killed: the chaos program itself, started again in another role.
package process
