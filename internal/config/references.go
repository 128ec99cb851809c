package config

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// The kinds of reference.
const (
	envReference  = "env:"
	fileReference = "file:"
)

// IsReference reports whether a text is a reference and no literal value.
func IsReference(text string) bool {
	return strings.HasPrefix(text, envReference) || strings.HasPrefix(text, fileReference)
}

// IsFile reports whether a text refers to a file, whose content may change while a
// process runs.
func IsFile(text string) bool { return strings.HasPrefix(text, fileReference) }

// References resolves references. The zero value cannot be used; see
// [Environment].
type References struct {
	lookup func(name string) (string, bool)
	read   func(path string) ([]byte, error)
}

// Environment resolves from the process's environment and file system.
func Environment() References {
	return References{lookup: os.LookupEnv, read: readFile}
}

// Fixed resolves env references from a map, and files from the file system.
func Fixed(values map[string]string) References {
	return References{
		lookup: func(name string) (string, bool) { value, found := values[name]; return value, found },
		read:   readFile,
	}
}

// maxReferenceFile bounds what is read of a referenced file.
const maxReferenceFile = 1 << 20

// readFile reads a file of a bounded size, whatever stands behind its path.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxReferenceFile+1))
	if err == nil && len(content) > maxReferenceFile {
		err = fmt.Errorf("the file is too large: at most %d bytes are allowed", maxReferenceFile)
	}
	return content, err
}

// Resolve returns the value of a reference, and any other text as it is. Errors
// name the reference, never the value.
func (r References) Resolve(text string) (string, error) {
	if name, found := strings.CutPrefix(text, envReference); found {
		value, set := r.lookup(name)
		if !set || value == "" {
			return "", fmt.Errorf("resolve %s: the environment variable is not set", text)
		}
		return value, nil
	}
	if path, found := strings.CutPrefix(text, fileReference); found {
		content, err := r.read(path)
		if err != nil {
			return "", fmt.Errorf("resolve %s: %w", text, err)
		}
		value := strings.TrimRight(string(content), "\r\n")
		if value == "" {
			return "", fmt.Errorf("resolve %s: the file is empty", text)
		}
		return value, nil
	}
	return text, nil
}

// Bytes resolves a reference to binary content, such as a certificate.
func (r References) Bytes(text string) ([]byte, error) {
	path, found := strings.CutPrefix(text, fileReference)
	if !found {
		value, err := r.Resolve(text)
		return []byte(value), err
	}
	content, err := r.read(path)
	if err != nil {
		return nil, fmt.Errorf("resolve %s: %w", text, err)
	}
	return content, nil
}
