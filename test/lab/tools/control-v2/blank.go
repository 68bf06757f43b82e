package main

import "github.com/tailscale/hujson"

// blankComments answers the text that Headscale 0.30 stores: blanks of the same length in place of each comment, except of
// those behind the trailing comma of an object or array. Bytes and lines stay where they were.
func blankComments(text string) (string, error) {
	tree, err := hujson.Parse([]byte(text))
	if err != nil {
		return "", err
	}
	blankValue(&tree)
	return string(tree.Pack()), nil
}

func blankValue(value *hujson.Value) {
	blankExtra(value.BeforeExtra)
	switch inner := value.Value.(type) {
	case *hujson.Object:
		last := hujson.Value{}
		for at := range inner.Members {
			blankValue(&inner.Members[at].Name)
			blankValue(&inner.Members[at].Value)
			last = inner.Members[at].Value
		}
		if !hasTrailingComma(last) {
			blankExtra(inner.AfterExtra)
		}
	case *hujson.Array:
		last := hujson.Value{}
		for at := range inner.Elements {
			blankValue(&inner.Elements[at])
			last = inner.Elements[at]
		}
		if !hasTrailingComma(last) {
			blankExtra(inner.AfterExtra)
		}
	}
	blankExtra(value.AfterExtra)
}

// hasTrailingComma: what stands between a value and the comma behind it is there, if empty, or else there is no comma.
func hasTrailingComma(last hujson.Value) bool { return last.AfterExtra != nil }

func blankExtra(extra hujson.Extra) {
	for at, letter := range extra {
		if letter != '\n' && letter != '\r' && letter != '\t' {
			extra[at] = ' '
		}
	}
}
