package mapping

// The names of functions and words that the language itself must know.
const (
	nameIIF           = "IIF"
	nameSwitch        = "Switch"
	nameCoalesce      = "Coalesce"
	nameReplace       = "Replace"
	nameSelectUnique  = "SelectUniqueValue"
	nameIgnoreIfEmpty = "IgnoreFlowIfNullOrEmpty"
	nameRedact        = "Redact"
	nameDateAdd       = "DateAdd"
	nameDateDiff      = "DateDiff"
	nameFormatDate    = "FormatDateTime"

	wordIgnoreAttribute = "IgnoreAttributeFlow"
	wordIgnoreObject    = "IgnoreObjectFlow"
	wordTextCompare     = "vbTextCompare"
	wordBinaryCompare   = "vbBinaryCompare"
	wordUTF8            = "UTF8"
	wordUnicode         = "Unicode"
	wordASCII           = "ASCII"

	joinOperator = "&"
)

// many is the maximum of functions that take any number of arguments.
const many = MaxLength

// function is one function of the language.
type function struct {
	name     string
	min, max int
	// keys are the names of the parameters in Graph's form, separated by blanks.
	// The last one of a function with any number of parameters is numbered; two
	// numbered ones alternate.
	keys string
	// eager functions get all their arguments; lazy ones evaluate what they need.
	eager func(c call, args []Value) (Value, error)
	lazy  func(c call) (Value, error)
	// lists is set where lists are taken as they are.
	lists bool
}

// functionNamed finds a function by its name in lower case.
func functionNamed(folded string) (*function, bool) {
	for _, table := range []func(string) (function, bool){
		logicFunction, textFunction, letterFunction, listFunction, dateFunction, codingFunction, specialFunction,
	} {
		if f, found := table(folded); found {
			return &f, true
		}
	}
	return nil, false
}

// wordNamed finds the listed spelling of a word.
func wordNamed(folded string) (string, bool) {
	switch folded {
	case "vbtextcompare":
		return wordTextCompare, true
	case "vbbinarycompare":
		return wordBinaryCompare, true
	case "utf8":
		return wordUTF8, true
	case "unicode":
		return wordUnicode, true
	case "ascii":
		return wordASCII, true
	case "ignoreattributeflow":
		return wordIgnoreAttribute, true
	case "ignoreobjectflow":
		return wordIgnoreObject, true
	default:
		return "", false
	}
}

// isForeign reports whether a function of the vendor belongs to its own service
// and not to mappings of people.
func isForeign(folded string) bool {
	switch folded {
	case "approleassignments", "approleassignmentscomplex", "assertiveapproleassignmentscomplex",
		"singleapproleassignment", "stringfromsid":
		return true
	default:
		return false
	}
}
