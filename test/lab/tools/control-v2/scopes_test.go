package main

import "testing"

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		granted []string
		needed  string
		want    bool
	}{
		{[]string{"policy_file"}, "policy_file", true},
		{[]string{"policy_file"}, "policy_file:read", true},
		{[]string{"policy_file:read"}, "policy_file", false},
		{[]string{"policy_file:read"}, "policy_file:read", true},
		{[]string{"all:read"}, "auth_keys:read", true},
		{[]string{"all:read"}, "auth_keys", false},
		{[]string{"all"}, "devices:routes", true},
		{[]string{"acl"}, "policy_file", true},
		{[]string{"devices:read"}, "devices:core:read", true},
		{[]string{"devices"}, "auth_keys", true},
		{[]string{"devices"}, "devices:routes", false},
		{[]string{"auth_keys"}, "policy_file:read", false},
		{nil, "policy_file:read", false},
	} {
		if got := covers(c.granted, c.needed); got != c.want {
			t.Errorf("%v for %s: %v", c.granted, c.needed, got)
		}
	}
}
