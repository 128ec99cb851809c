package mapping

import "testing"

// Most names take the short way, which must not be told from the long one.
func TestLatinLettersLoseTheirMarksEitherWay(t *testing.T) {
	t.Parallel()
	for r := rune(1); r < firstMark; r++ {
		for _, text := range []string{string(r), "a" + string(r) + "b", string(r) + "\u00e9" + string(r)} {
			got, all := withoutLatinMarks(text)
			if want := withoutMarks(text); !all || got != want {
				t.Errorf("%q: got %q (all %t), want %q", text, got, all, want)
			}
		}
	}
	for _, text := range []string{"e\u0301", "Zo\u00eb \u0391", "\u0141\u00f3d\u017a \U0001F600", "a\xff"} {
		if _, all := withoutLatinMarks(text); all {
			t.Errorf("%q goes the short way, want the long one", text)
		}
	}
}
