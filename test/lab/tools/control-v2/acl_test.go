package main

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/tailscale/hujson"
)

func TestPolicyKeepsCommentsAndHasThePushersEtag(t *testing.T) {
	w := newWorld(t)
	token := w.token(tailscale, secret)
	first := w.ask(tailscale, token, "GET", acl, "")
	text := "// mine\n{\"tagOwners\": {\"tag:ci\": [\"autogroup:admin\"]}, \"postures\": {}, \"grants\": [ ] } // end\n"
	w.want(w.ask(tailscale, token, "POST", acl, text, "If-Match", `"`+strings.Repeat("0", 64)+`"`), 412, "invalid old hash")
	wrote := w.ask(tailscale, token, "POST", acl, text, "If-Match", first.header.Get("Etag"), "Accept", hujsonType)
	w.want(wrote, 200, "// mine")
	formatted, _ := hujson.Format([]byte(text))
	sum := sha256.Sum256(formatted)
	if got := wrote.header.Get("Etag"); got != `"`+hex.EncodeToString(sum[:])+`"` {
		t.Errorf("etag %s", got)
	}
	if got := w.ask(tailscale, token, "GET", acl, ""); got.text != text || got.header.Get("Content-Type") != hujsonType {
		t.Errorf("read back %s", got.text)
	}
	if stored := *w.behind.policy; strings.Contains(stored, "postures") || strings.Contains(stored, "autogroup") || !strings.Contains(stored, "// mine") {
		t.Errorf("Headscale has %s", stored)
	}
	w.want(w.ask(tailscale, token, "GET", acl, "", "Accept", jsonType), 200, `{"tagOwners":{"tag:ci":["autogroup:admin"]}`)
	w.want(w.ask(tailscale, token, "GET", acl+"?details=true", ""), 200, `"warnings":null`)
}

func TestDefaultPolicyCanBeReplacedOnCondition(t *testing.T) {
	w := newWorld(t)
	w.want(w.ask(tailscale, person, "POST", acl, `{"grants": []}`, "If-Match", `"ts-default"`), 200, "")
	w.want(w.ask(tailscale, person, "POST", acl, `{"grants": []}`, "If-Match", `"ts-default"`), 412, "")
	w.want(w.ask(tailscale, person, "POST", acl, ""), 200, "autogroup:self")
	w.want(w.ask(tailscale, person, "POST", acl, `{"grants": []}`, "If-Match", `"ts-default"`), 200, "")
}

func TestHeadscaleBlanksComments(t *testing.T) {
	w := newWorld(t)
	text := "// ü\n{\"grants\": [/* a */], // b\n\"hosts\": {}, // stays\n}\n"
	want := "     \n{\"grants\": [       ],     \n\"hosts\": {}, // stays\n}\n"
	wrote := w.ask(headscale30, person, "POST", acl, text)
	sum := sha256.Sum256([]byte(want))
	if wrote.text != want || wrote.header.Get("Etag") != `"`+hex.EncodeToString(sum[:])+`"` {
		t.Errorf("%d %q %s", wrote.status, wrote.text, wrote.header.Get("Etag"))
	}
}

func TestRefusalsOfPoliciesAreToldInEachForm(t *testing.T) {
	w := newWorld(t)
	w.want(w.ask(tailscale, person, "POST", acl, "{\n  \"grants\" []}"), 400, `"message":"line 2, column 12: `)
	w.want(w.ask(headscale30, person, "POST", acl, "{\n  \"grants\" []}"), 400, `"message":"setting policy","data":[{"errors":["parsing policy: parsing HuJSON: hujson: line 2, column 12`)
	w.want(w.ask(headscale30, person, "POST", acl, ""), 400, "request body is required")
	w.behind.refusal = "setting policy: test(s) failed:\n10.1.0.1 -> 10.2.0.1:80 (tcp): expected ALLOWED, got DENIED\n10.1.0.1 -> 10.2.0.2:80: expected DENIED, got ALLOWED"
	told := `{"message":"test(s) failed","data":[{"user":"10.1.0.1","errors":["address \"10.2.0.1:80\": want: Accept, got: Drop","address \"10.2.0.2:80\": want: Drop, got: Accept"]}]}`
	w.want(w.ask(tailscale, person, "POST", acl, `{"grants": []}`), 400, told)
	w.want(w.ask(tailscale, person, "POST", acl+"/validate", `{"grants": []}`), 200, told)
	w.want(w.ask(tailscale, person, "POST", acl+"/validate", `[{"src": "10.1.0.1", "accept": ["10.2.0.1:80"]}]`), 200, told)
	w.want(w.ask(headscale30, person, "POST", acl, `{"grants": []}`), 400, `"errors":["test(s) failed:\n10.1.0.1`)
	w.behind.refusal = `setting policy: parsing policy: unknown field: "nonsense"`
	w.want(w.ask(tailscale, person, "POST", acl, `{"nonsense": 1}`), 400, `{"message":"unknown field: \"nonsense\""}`)
	w.behind.refusal = ""
	if got := w.ask(tailscale, person, "POST", acl+"/validate", `{"grants": []}`); got.text != "{}" {
		t.Errorf("%s", got.text)
	}
}

func TestOneOfManyWritesWins(t *testing.T) {
	w := newWorld(t)
	version := w.ask(tailscale, person, "GET", acl, "").header.Get("Etag")
	statuses := make(chan int)
	for at := range 4 {
		go func() {
			statuses <- w.ask(tailscale, person, "POST", acl, `{"grants": [], "hosts": {"h": "10.0.0.`+string('1'+rune(at))+`"}}`, "If-Match", version).status
		}()
	}
	count := map[int]int{}
	for range 4 {
		count[<-statuses]++
	}
	if count[200] != 1 || count[412] != 3 {
		t.Errorf("%v", count)
	}
}

func TestPreviewNamesTheRulesThatApply(t *testing.T) {
	w := newWorld(t)
	policy := `{
  "hosts": {"web": "10.2.0.0/16"}, "groups": {"group:dev": ["a@example.com"]},
  "grants": [
    {"src": ["group:dev"], "dst": ["web"], "ip": ["tcp:80-90"]},
    {"src": ["10.9.0.0/16"], "dst": ["tag:a"], "ip": ["443"]},
  ],
  "acls": [{"action": "accept", "src": ["10.8.0.0/16"], "dst": ["10.2.0.1:22,80"]}],
}`
	lines := func(query string) (found []float64) {
		t.Helper()
		got := w.ask(tailscale, person, "POST", acl+"/preview?"+query, policy)
		w.want(got, 200, `"matches":`)
		for _, match := range got.json["matches"].([]any) {
			found = append(found, match.(map[string]any)["lineNumber"].(float64))
		}
		return found
	}
	for query, want := range map[string][]float64{
		"type=ipport&previewFor=10.2.0.1:80": {4, 7}, "type=ipport&previewFor=10.2.0.1:91": nil, "type=ipport&previewFor=10.2.0.1:22": {7},
		"type=ipport&previewFor=100.64.0.3:443": {5}, "type=user&previewFor=a@example.com": {4}, "type=user&previewFor=b@example.com": nil,
	} {
		if got := lines(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v", query, got)
		}
	}
	w.want(w.ask(tailscale, person, "POST", acl+"/preview?type=tag&previewFor=x", policy), 400, "type must be")
}
