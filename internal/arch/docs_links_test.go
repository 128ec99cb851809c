package arch

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// page is one Markdown file: the anchors of its headings and its links, both
// without what stands in code.
type page struct {
	anchors []string
	links   []string
}

// TestLinksResolve: a link between pages leads to a file, and to a heading where
// it names one.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	pages := readPages(t)
	for name, content := range pages {
		for _, link := range content.links {
			file, anchor, local := resolve(t, name, link)
			if !local {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s links to %s: %s is not there", name, link, file)
				continue
			}
			if to, isPage := pages[file]; isPage && anchor != "" && !slices.Contains(to.anchors, anchor) {
				t.Errorf("%s links to %s: %s has no heading %q; it has %s", name, link, file, anchor, strings.Join(to.anchors, ", "))
			}
		}
	}
}

// TestEveryPageIsReachable: who starts at the README finds every page.
func TestEveryPageIsReachable(t *testing.T) {
	t.Parallel()
	const start = "README.md"
	pages := readPages(t)
	if _, found := pages[start]; !found {
		t.Fatalf("%s is not there", start)
	}
	reached := map[string]bool{start: true}
	for next := []string{start}; len(next) > 0; next = next[1:] {
		for _, link := range pages[next[0]].links {
			file, _, local := resolve(t, next[0], link)
			if _, isPage := pages[file]; local && isPage && !reached[file] {
				reached[file] = true
				next = append(next, file)
			}
		}
	}
	for name := range pages {
		if !reached[name] {
			t.Errorf("%s cannot be reached from %s: link it", name, start)
		}
	}
}

// readPages reads the pages of the root and those below docs.
func readPages(t *testing.T) map[string]page {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatalf("list pages: %v", err)
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatalf("list pages: %v", err)
	}
	pages := map[string]page{}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("read page: %v", err)
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatalf("name page: %v", err)
		}
		pages[filepath.ToSlash(relative)] = parsePage(string(content))
	}
	return pages
}

func parsePage(content string) page {
	heading := regexp.MustCompile(`^#{1,6} (.+)$`)
	link := regexp.MustCompile(`\]\(([^()\s]+)\)`)
	code := regexp.MustCompile("`[^`]*`")
	var out page
	fenced := false
	for line := range strings.Lines(content) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		if found := heading.FindStringSubmatch(line); found != nil {
			out.anchors = append(out.anchors, anchorOf(found[1]))
		}
		for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(line, ""), -1) {
			out.links = append(out.links, found[1])
		}
	}
	return out
}

// anchorOf is how GitHub names a heading: lower case, hyphens for blanks,
// nothing for punctuation.
func anchorOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

// resolve splits a link into the file, seen from the root, and the anchor; links
// to other sites are not local.
func resolve(t *testing.T, from, link string) (file, anchor string, local bool) {
	t.Helper()
	parsed, err := url.Parse(link)
	if err != nil {
		t.Errorf("%s: link %q: %v", from, link, err)
		return "", "", false
	}
	if parsed.Scheme != "" || parsed.Host != "" {
		return "", "", false
	}
	if parsed.Path == "" {
		return from, parsed.Fragment, true
	}
	return path.Join(path.Dir(from), parsed.Path), parsed.Fragment, true
}
