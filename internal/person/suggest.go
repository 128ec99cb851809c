package person

import "strings"

// Suggest returns the name that was probably meant by name, or "" where
// nothing is near.
func Suggest(name string) string {
	names := make([]string, len(catalog))
	for i, definition := range catalog {
		names[i] = definition.Name
	}
	return Nearest(name, names)
}

// longestWord bounds the work of comparing words: nobody mistypes a longer one.
const longestWord = 64

// Nearest returns the candidate closest to word: one that ends in it, or one
// that differs by a third of its letters at most; "" where there is none.
func Nearest(word string, candidates []string) string {
	folded := strings.ToLower(word)
	if folded == "" || len(folded) > longestWord {
		return ""
	}
	best, bestDistance := "", max(2, len(folded)/3)+1
	for _, candidate := range candidates {
		if len(candidate) > longestWord {
			continue
		}
		other := strings.ToLower(candidate)
		distance := editDistance(folded, other)
		if strings.HasSuffix(other, "."+folded) {
			distance = min(distance, 1)
		}
		if distance < bestDistance {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// editDistance is the number of bytes to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
