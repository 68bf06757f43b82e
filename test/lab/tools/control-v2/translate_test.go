package main

import "testing"

func TestTranslate(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"acls": []}`, `{"acls": []}`},
		{`{"tagOwners": {"tag:a": ["autogroup:admin", "tag:b"]}}`, `{"tagOwners": {"tag:a": [ "tag:b"]}}`},
		{`{"grants": [{"src": ["autogroup:owner", "autogroup:admin"], "dst": ["*"], "ip": ["*"]}]}`, `{"grants": []}`},
		{`{"grants": [{"src": ["autogroup:admin","tag:a"], "dst": ["*"], "ip": ["*"]}]}`, `{"grants": [{"src": ["tag:a"], "dst": ["*"], "ip": ["*"]}]}`},
		{`{"acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}]}`, `{"acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}]}`},
		{`{"tests": [{"src": "autogroup:admin", "accept": ["10.0.0.1:1"]}]}`, `{"tests": []}`},
		{`{"ssh": [{"users": ["autogroup:nonroot"], "src": ["autogroup:member"]}]}`, `{"ssh": [{"users": ["autogroup:nonroot"], "src": ["autogroup:member"]}]}`},
		{`{"grants": [{"src": ["tag:a"], "srcPosture": ["posture:x"]}], "postures": {"posture:x": []}}`, `{"grants": []}`},
		{`{"autoApprovers": {"routes": {"10.0.0.0/8": ["autogroup:admin"]}, "services": {}}, "IPSets": {}}`, `{"autoApprovers": {"routes": {"10.0.0.0/8": []}}}`},
	} {
		if got, err := translate(c.text); err != nil || got != c.want {
			t.Errorf("%s became %s (%v)", c.text, got, err)
		}
	}
}
