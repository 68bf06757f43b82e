package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func mint(tags ...string) string {
	list, _ := json.Marshal(tags)
	return `{"keyType":"auth","description":"a key","expirySeconds":600,"capabilities":{"devices":{"create":{"reusable":false,"ephemeral":false,"preauthorized":true,"tags":` + string(list) + `}}}}`
}

func TestTagsThatACredentialMayGive(t *testing.T) {
	w := newWorld(t)
	w.want(w.ask(tailscale, person, "POST", acl, ownPolicy), 200, "")
	one, two := w.token(tailscale, secret), w.token(tailscale, "fake-two")
	refused := "are invalid or not permitted"
	for _, c := range []struct {
		bearer string
		tags   []string
		status int
		says   string
	}{
		{one, []string{"tag:ci"}, 200, ""}, {one, []string{"tag:a"}, 200, ""}, {one, []string{"tag:b"}, 200, ""}, {one, []string{"tag:a", "tag:b"}, 200, ""},
		{one, []string{"tag:c"}, 400, "requested tags [tag:c] " + refused}, {one, []string{"tag:unknown"}, 400, refused}, {one, nil, 400, refused},
		{one, []string{"tag:a", "tag:c"}, 400, "requested tags [tag:a tag:c] " + refused},
		{two, []string{"tag:c", "tag:ci"}, 200, ""}, {two, []string{"tag:ci"}, 400, refused}, {two, []string{"tag:a"}, 200, ""},
		{person, []string{"tag:c"}, 200, ""}, {person, []string{"tag:unknown"}, 400, refused},
	} {
		w.want(w.ask(tailscale, c.bearer, "POST", keysURL, mint(c.tags...)), c.status, c.says)
	}
	w.want(w.ask(headscale30, two, "POST", keysURL, mint("tag:ci")), 200, "")
	w.want(w.ask(headscale30, one, "POST", keysURL, mint("tag:c")), 403, "token may not assign tag tag:c")
	w.want(w.ask(headscale30, one, "POST", keysURL, mint("tag:unknown")), 400, "tag tag:unknown is not defined in policy")
	w.want(w.ask(headscale30, one, "POST", keysURL, mint()), 403, "an OAuth client must create tagged auth keys")
	w.want(w.ask(headscale30, person, "POST", keysURL, mint("tag:unknown")), 200, "")
}

func TestKeyRequestsAreReadStrictly(t *testing.T) {
	w := newWorld(t)
	w.want(w.ask(tailscale, person, "POST", acl, ownPolicy), 200, "")
	w.want(w.ask(tailscale, person, "POST", keysURL, `{"capabilities":{"devices":{}},"foo":1}`), 400, `json: unknown field \"foo\"`)
	w.want(w.ask(tailscale, person, "POST", keysURL, strings.Replace(mint("tag:a"), "a key", "a_key!", 1)), 400, "invalid description")
	w.want(w.ask(tailscale, person, "POST", keysURL, strings.Replace(mint("tag:a"), "600", "7776001", 1)), 400, "invalid expirySeconds")
	w.want(w.ask(headscale30, person, "POST", keysURL, strings.Replace(mint("tag:a"), `"ephemeral":false,`, "", 1)), 422, "expected required property ephemeral")
	w.want(w.ask(headscale30, person, "POST", keysURL, strings.Replace(mint("tag:a"), "600", "1.5", 1)), 422, "validation failed")
	w.want(w.ask(headscale30, person, "POST", keysURL, mint("tag:a"), "Content-Type", "text/plain"), 415, "")
}

func TestRevokedKeysAreShownByOneAndTheOther(t *testing.T) {
	w := newWorld(t)
	w.want(w.ask(tailscale, person, "POST", acl, ownPolicy), 200, "")
	token := w.token(tailscale, secret)
	w.want(w.ask(tailscale, token, "POST", keysURL, mint("tag:a")), 200, `"key":"hskey-auth-abcdefghijkl-fake"`)
	w.want(w.ask(tailscale, token, "GET", keysURL+"?all=true", ""), 200, `"id":"7"`)
	if got := w.ask(tailscale, token, "GET", keysURL, ""); strings.Contains(got.text, `"id":"7"`) {
		t.Errorf("without all: %s", got.text)
	}
	if got := w.ask(tailscale, token, "DELETE", keysURL+"/7", ""); got.status != 200 || got.text != "" {
		t.Errorf("%d %s", got.status, got.text)
	}
	w.want(w.ask(tailscale, token, "DELETE", keysURL+"/7", ""), 404, "key not found")
	w.want(w.ask(tailscale, token, "GET", keysURL+"/7", ""), 200, `"invalid":true`)
	if got := w.ask(tailscale, token, "GET", keysURL+"?all=true", ""); strings.Contains(got.text, `"id":"7"`) {
		t.Errorf("revoked is listed: %s", got.text)
	}
	w.want(w.ask(headscale30, token, "GET", keysURL, ""), 200, `"revoked":"`)
}

func TestRecordsHideKeys(t *testing.T) {
	if got := withoutKey([]byte(`{"id":"7","key":"hskey-auth-x"}`)); bytes.Contains(got, []byte("hskey")) || !bytes.Contains(got, []byte(`"id":"7"`)) {
		t.Errorf("%s", got)
	}
}
