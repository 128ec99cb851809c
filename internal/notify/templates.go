package notify

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"tenure/internal/person"
)

// The ends of the three files of a template.
const (
	subjectSuffix = ".subject.txt"
	textSuffix    = ".txt"
	htmlSuffix    = ".html"
)

//go:embed templates
var embedded embed.FS

// Templates holds every template in every locale. It is immutable and safe for concurrent use.
type Templates struct {
	byName map[string]map[string]*Template
}

// Default returns the embedded templates. An error means that the build is broken; a test guards it.
func Default() (*Templates, error) {
	root, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, fmt.Errorf("open embedded mail templates: %w", err)
	}
	t := &Templates{byName: map[string]map[string]*Template{}}
	if err := t.add(root); err != nil {
		return nil, fmt.Errorf("load embedded mail templates: %w", err)
	}
	return t, nil
}

// Load returns the embedded templates with those of an administrator's folder over them, locale by locale. It
// reports every problem of the folder at once, each with file and line.
func Load(folder fs.FS) (*Templates, error) {
	t, err := Default()
	if err != nil {
		return nil, err
	}
	if err := t.add(folder); err != nil {
		return nil, fmt.Errorf("load mail templates: %w", err)
	}
	return t, nil
}

// Locales returns the locales in which a template exists, sorted.
func (t *Templates) Locales(name string) []string {
	return slices.Sorted(maps.Keys(t.byName[name]))
}

// Render fills the template of that name in the locale, or the nearest one that exists.
func (t *Templates) Render(name, locale string, values Values) (Rendered, error) {
	locales, ok := t.byName[name]
	if !ok {
		return Rendered{}, fmt.Errorf("render mail: unknown template %q: %w", name, ErrRejected)
	}
	for _, tag := range fallbackChain(locale) {
		if tmpl, ok := locales[tag]; ok {
			return tmpl.Render(values)
		}
	}
	return Rendered{}, fmt.Errorf("render mail: template %q has no locale %q: %w", name, defaultLocale, ErrRejected)
}

func (t *Templates) add(root fs.FS) error {
	entries, err := fs.ReadDir(root, ".")
	if err != nil {
		return fmt.Errorf("read folder: %w", err)
	}
	var problems []error
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case !e.IsDir():
			problems = append(problems, fmt.Errorf("%s: a file outside a template's folder", e.Name()))
		case !slices.Contains(Names(), e.Name()):
			problems = append(problems, errors.New(unknownName(e.Name())))
		default:
			problems = append(problems, t.addName(root, e.Name())...)
		}
	}
	return errors.Join(problems...)
}

func unknownName(name string) string {
	message := name + ": unknown template"
	if s := person.Nearest(name, Names()); s != "" {
		message += fmt.Sprintf("; did you mean %q?", s)
	}
	return message
}

func (t *Templates) addName(root fs.FS, name string) []error {
	entries, err := fs.ReadDir(root, name)
	if err != nil {
		return []error{fmt.Errorf("%s: %w", name, err)}
	}
	var problems []error
	sources := map[string]map[string]string{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		locale, suffix, ok := splitFileName(e.Name())
		if !ok || e.IsDir() {
			problems = append(problems, fmt.Errorf("%s: the name is not LOCALE%s, LOCALE%s or LOCALE%s",
				path.Join(name, e.Name()), subjectSuffix, textSuffix, htmlSuffix))
			continue
		}
		body, err := readPart(root, path.Join(name, e.Name()))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if sources[locale] == nil {
			sources[locale] = map[string]string{}
		}
		sources[locale][suffix] = body
	}
	spelled := map[string]string{}
	for _, locale := range slices.Sorted(maps.Keys(sources)) {
		if other, twice := spelled[canonicalLocale(locale)]; twice {
			problems = append(problems, fmt.Errorf("%s/%s%s: the locale exists twice, also as %q", name, locale, textSuffix, other))
			continue
		}
		spelled[canonicalLocale(locale)] = locale
		problems = append(problems, t.addLocale(name, locale, sources[locale])...)
	}
	return problems
}

func (t *Templates) addLocale(name, locale string, parts map[string]string) []error {
	var problems []error
	for _, suffix := range []string{subjectSuffix, textSuffix, htmlSuffix} {
		if _, ok := parts[suffix]; !ok {
			problems = append(problems, fmt.Errorf("%s/%s%s: missing; a template needs all three files",
				name, locale, suffix))
		}
	}
	if len(problems) > 0 {
		return problems
	}
	src := Source{Subject: parts[subjectSuffix], Text: parts[textSuffix], HTML: parts[htmlSuffix]}
	tmpl, err := Parse(name, locale, src, TokensOf(name))
	if err != nil {
		return []error{err}
	}
	if t.byName[name] == nil {
		t.byName[name] = map[string]*Template{}
	}
	t.byName[name][tmpl.locale] = tmpl
	return nil
}

// splitFileName keeps the locale as it is written, so that messages name the file that exists.
func splitFileName(name string) (locale, suffix string, ok bool) {
	for _, suffix := range []string{subjectSuffix, textSuffix, htmlSuffix} {
		if locale, found := strings.CutSuffix(name, suffix); found {
			return locale, suffix, validLocale(locale)
		}
	}
	return "", "", false
}

func readPart(root fs.FS, file string) (string, error) {
	info, err := fs.Stat(root, file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	if info.Size() > maxSourceBytes {
		return "", fmt.Errorf("%s: longer than %d bytes", file, maxSourceBytes)
	}
	body, err := fs.ReadFile(root, file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return string(body), nil
}
