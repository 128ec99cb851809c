package lifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// toldFeed is a webhook feed of the base policy, with what it is told.
func toldFeed(writeBack string) Source {
	feed := `  hris:
    kind: webhook
    realm: main
    owns: [contact.workEmail, contact.userName, ext.login]
    signature: {scheme: standard-webhooks, secrets: [env:HRIS]}
    writeBack: ` + writeBack + "\nzones:\n"
	return Source{Name: "policy.yaml", Content: []byte(strings.Replace(basePolicy, "zones:\n", feed, 1))}
}

// entraKnows is enough of what the connector knows.
func entraKnows() LoadOptions {
	return LoadOptions{Catalog: map[string][]AttributeInfo{KindEntra: {
		{Name: "displayName", Type: "string"},
		{Name: "mail", Type: "string", ReadOnly: true},
		{Name: "accountEnabled", Type: "bool", ReadOnly: true},
		{Name: "manager", Type: "reference"},
		{Name: "department", Type: "string"},
	}}}
}

func TestWriteBackIsRead(t *testing.T) {
	t.Parallel()
	p, err := entraKnows().Load(toldFeed(`{look: 6h, begin: {on: startDate, offset: -1d}, when: 'employment.kind == "employee"', mapping: {` +
		`contact.workEmail: {attribute: Mail}, contact.userName: {expression: 'ToLower(Coalesce([userprincipalname], [person.legalName.given]))', clear: true}, ext.login: {constant: entra}}}`))
	if err != nil {
		t.Fatal(err)
	}
	feed, _ := p.Feed("hris")
	w := feed.WriteBack
	if w == nil || w.Target != "entra" || w.Look != 6*time.Hour || w.Begin.Offset.Days != -1 || w.When.IsZero() {
		t.Fatalf("write-back: got %+v", w)
	}
	if diff := cmp.Diff([]string{"contact.workEmail", "contact.userName", "ext.login"}, w.Written()); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"person.legalName.given"}, w.ReadsRecord()); diff != "" {
		t.Errorf("read of the record (-want +got):\n%s", diff)
	}
	account := map[string]string{"mail": "zoe@contoso.example", "userPrincipalName": "Zoe@contoso.example"}
	scope := ExpressionScope{Attributes: func(string) (string, bool) { return "", false }, Zone: time.UTC}
	for i, want := range []string{"zoe@contoso.example", "zoe@contoso.example", "entra"} {
		if made, err := w.Value(&w.Mapping[i], account, scope); err != nil || made.Value != want {
			t.Errorf("%s: got %q, %v; want %q", w.Mapping[i].To, made.Value, err, want)
		}
	}
}

func TestAnEmptyAccountAttributeIsKnownToBeEmpty(t *testing.T) {
	t.Parallel()
	p, err := entraKnows().Load(toldFeed(`{mapping: {contact.workEmail: {expression: 'ToLower([mail])', clear: true}}}`))
	if err != nil {
		t.Fatal(err)
	}
	feed, _ := p.Feed("hris")
	scope := ExpressionScope{Attributes: func(string) (string, bool) { return "", false }, Zone: time.UTC}
	made, err := feed.WriteBack.Value(&feed.WriteBack.Mapping[0], map[string]string{}, scope)
	if err != nil || made.Value != "" || made.Unknown {
		t.Errorf("got %+v, %v; want an empty value that is known", made, err)
	}
}

func TestWriteBackRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":             {`{mapping: {}}`, "nothing is written back"},
		"no mapping":          {`{look: 1d}`, "mapping is missing in writeBack"},
		"what HR decides":     {`{mapping: {employment.startDate: {attribute: mail}}}`, `"employment.startDate" is for HR to say`},
		"unknown attribute":   {`{mapping: {contact.workEmai: {attribute: mail}}}`, `did you mean "contact.workEmail"`},
		"unknown of account":  {`{mapping: {contact.workEmail: {attribute: mial}}}`, `entra has no attribute "mial"; did you mean "mail"?`},
		"a link":              {`{mapping: {contact.workEmail: {attribute: manager}}}`, `entra has no attribute "manager"`},
		"two ways":            {`{mapping: {contact.workEmail: {attribute: mail, constant: x}}}`, "needs exactly one of attribute, constant and expression"},
		"unknown in brackets": {`{mapping: {contact.workEmail: {expression: 'ToLower([mial])'}}}`, "the record has no attribute [mial]"},
		"random":              {`{mapping: {contact.workEmail: {expression: 'Guid()'}}}`, "cannot be written back"},
		"timed":               {`{mapping: {contact.workEmail: {expression: 'IIF(IsPresent([mail]), Now(), "")'}}}`, "what depends on Now() cannot be written back"},
		"unique":              {`{mapping: {contact.workEmail: {expression: 'SelectUniqueValue([mail], [displayName])'}}}`, "SelectUniqueValue looks for a free value"},
		"unknown target":      {`{target: entrra, mapping: {contact.workEmail: {attribute: mail}}}`, `unknown target "entrra"; did you mean "entra"?`},
		"looks too often":     {`{look: 1m, mapping: {contact.workEmail: {attribute: mail}}}`, "allowed is 1h to 30d"},
		"begins at the end":   {`{begin: {on: lastDayOfWork}, mapping: {contact.workEmail: {attribute: mail}}}`, "a write-back begins by the first day"},
		"other key":           {`{mapping: {contact.workEmail: {attribute: mail, apply: create}}}`, `unknown key "apply" in a back mapping`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := entraKnows().Load(toldFeed(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestWriteBackDoesNotGoRound(t *testing.T) {
	t.Parallel()
	source := toldFeed(`{mapping: {ext.login: {expression: '"x" & [department]'}}}`)
	source.Content = []byte(strings.Replace(string(source.Content), "displayName: {attribute: person.displayName}\n",
		"displayName: {attribute: person.displayName}\n      department: {attribute: ext.login}\n", 1))
	_, err := entraKnows().Load(source)
	if err == nil || !strings.Contains(err.Error(), `"ext.login" is made of department, and the mapping of department reads it again`) {
		t.Errorf("got %v, want the two to be refused", err)
	}
}

func TestACSVFeedIsToldNothing(t *testing.T) {
	t.Parallel()
	text := strings.Replace(basePolicy, "    key: WorkerID\n", "    key: WorkerID\n    writeBack: {mapping: {contact.workEmail: {attribute: mail}}}\n", 1)
	_, err := Load(Source{Name: "policy.yaml", Content: []byte(text)})
	if err == nil || !strings.Contains(err.Error(), "a csv feed has no writeBack") {
		t.Errorf("got %v, want writeBack to be refused", err)
	}
}

func TestSchemaTakesWriteBack(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for text, valid := range map[string]bool{
		`{look: 6h, begin: {on: startDate, offset: -1d}, when: 'has(person.language)', mapping: {contact.workEmail: {attribute: mail, clear: true}}}`: true,
		`{mapping: {}}`: false,
		`{mapping: {employment.startDate: {attribute: mail}}}`:             false,
		`{mapping: {contact.workEmail: {attribute: mail, constant: "x"}}}`: false,
	} {
		root, problems := parse(toldFeed(text))
		if problems != nil {
			t.Fatal(problems)
		}
		if err := schema.Validate(plain(root)); (err == nil) != valid {
			t.Errorf("%s: the schema says %v", text, err)
		}
	}
}
