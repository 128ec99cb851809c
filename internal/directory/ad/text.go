package ad

import (
	"strconv"
	"strings"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// What a directory writes for a bool.
const (
	ldapTrue  = "TRUE"
	ldapFalse = "FALSE"
)

// File times count steps of 100 nanoseconds from the year 1601.
const (
	fileTimeStep  = 100 * time.Nanosecond
	fileTimeNever = "9223372036854775807"
	fileTimeZero  = "0"
)

func fileTimeEpoch() int64 {
	return time.Date(1601, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
}

// toFileTime turns an instant into what the directory counts.
func toFileTime(at time.Time) string {
	const stepsPerSecond = int64(time.Second / fileTimeStep)
	return strconv.FormatInt((at.Unix()-fileTimeEpoch())*stepsPerSecond+int64(at.Nanosecond())/int64(fileTimeStep), 10)
}

// fromFileTime returns false for never and for what is no time.
func fromFileTime(text string) (time.Time, bool) {
	if text == fileTimeNever || text == fileTimeZero || text == "" {
		return time.Time{}, false
	}
	steps, err := strconv.ParseInt(text, 10, 64)
	if err != nil || steps < 0 {
		return time.Time{}, false
	}
	const stepsPerSecond = int64(time.Second / fileTimeStep)
	return time.Unix(steps/stepsPerSecond+fileTimeEpoch(), steps%stepsPerSecond*int64(fileTimeStep)).UTC(), true
}

// toValues turns an attribute's text into the values to write.
func toValues(a directory.Attribute, text string) ([]string, error) {
	switch a.Kind {
	case directory.KindBool:
		switch text {
		case "true":
			return []string{ldapTrue}, nil
		case "false":
			return []string{ldapFalse}, nil
		}
		return nil, invalid("%s is neither true nor false", a.Name)
	case directory.KindDateTime:
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, invalid("%s is no time of RFC 3339", a.Name)
		}
		return []string{toFileTime(at)}, nil
	case directory.KindList:
		var out []string
		for part := range strings.SplitSeq(text, directory.ListSeparator) {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
		if len(out) == 0 {
			return nil, invalid("%s is empty", a.Name)
		}
		return out, nil
	case directory.KindReference:
		return nil, invalid("%s is written by a call of its own", a.Name)
	default:
		return []string{text}, nil
	}
}

// cleared are the values of an attribute without one.
func cleared(name string) []string {
	if strings.EqualFold(name, schema.AccountExpires) {
		return []string{fileTimeNever} // it always has a value
	}
	return []string{}
}

// toText turns an attribute's values into its text; "" means without a value.
func toText(a directory.Attribute, values []string) string {
	if len(values) == 0 {
		return ""
	}
	switch a.Kind {
	case directory.KindBool:
		return strings.ToLower(values[0])
	case directory.KindDateTime:
		if at, ok := fromFileTime(values[0]); ok {
			return at.Format(time.RFC3339Nano)
		}
		return ""
	case directory.KindList:
		return strings.Join(values, directory.ListSeparator)
	default:
		return values[0]
	}
}
