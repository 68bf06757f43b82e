package main

import "strings"

// Names from before November 2024, and what they stand for.
var olderScopes = map[string][]string{
	"acl":     {"policy_file"},
	"devices": {"devices:core", "devices:posture_attributes", "auth_keys"},
	"routes":  {"devices:routes"},
}

// covers says whether these scopes allow what needs that one: writing covers reading, `all` covers everything.
func covers(granted []string, needed string) bool {
	base, reads := strings.CutSuffix(needed, ":read")
	for _, scope := range granted {
		name, readsOnly := strings.CutSuffix(scope, ":read")
		if readsOnly && !reads {
			continue
		}
		if name == "all" || name == base {
			return true
		}
		for _, newer := range olderScopes[name] {
			if newer == base {
				return true
			}
		}
	}
	return false
}
