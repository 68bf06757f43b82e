package main

import (
	"strings"
	"testing"
)

func TestRolesAreNobody(t *testing.T) {
	const policy = `{"grants": [
	{"src": ["autogroup:owner", "autogroup:admin"], "dst": ["*"], "ip": ["*"]},
	{"src": ["autogroup:admin", "tag:a"], "dst": ["10.0.0.0/8"], "ip": ["*"]},
]}`
	got, err := translate(policy)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got, "autogroup:") || strings.Count(got, `"src"`) != 1 || !strings.Contains(got, `"tag:a"`) {
		t.Errorf("not the one rule for the tag: %s", got)
	}
}
