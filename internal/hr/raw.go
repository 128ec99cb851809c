package hr

// Raw is one value in the feed's own words; "" is an explicit empty value.
type Raw struct {
	Attribute string
	Value     string
}

// RawPart is one employment or assignment in the feed's own words.
type RawPart struct {
	// ID is "" where the feed has none.
	ID     string
	Values []Raw
	// Path leads to the part in the source, for problems; "" in flat sources.
	Path string
}

// RawRecord is a record in the feed's own words. An assignment's frame stands
// among its values, under the names of the catalog.
type RawRecord struct {
	Person      []Raw
	Employments []RawPart
	Assignments []RawPart
}
