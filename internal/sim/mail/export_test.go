package mail

// Parse is parse, for the fuzz test.
var Parse = parse
