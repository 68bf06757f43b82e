package main

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	w.want(w.ask(headscale30, "", "POST", acl+"/validate", "{}"), 404, "404 page not found\n")
	if got := w.ask(headscale30, person, "PUT", keysURL+"/7", "{}"); got.status != 405 || len(got.header["Allow"]) != 2 || got.text != "" {
		t.Errorf("%d %v %s", got.status, got.header["Allow"], got.text)
	}
	document := w.ask(headscale30, "", "GET", "/api/v2/openapi.json", "")
	w.want(document, 200, `"/api/v2/tailnet/{tailnet}/acl"`)
	if strings.Contains(document.text, "validate") || strings.Contains(document.text, "oauth") {
		t.Error("it lists what it has not")
	}
	w.want(w.ask(headscale30, "", "GET", "/version", ""), 200, "v0.30.0")
	w.want(w.ask(tailscale, person, "GET", "/api/v1/node", ""), 404, `{"message":"not found"}`)
	w.behind.paths = nil
	w.ask(tailscale, "", "GET", "/key?v=1", "")
	if !slices.Equal(w.behind.paths, []string{"GET /key"}) {
		t.Errorf("nodes were led to %v", w.behind.paths)
	}
}

func TestTooManyRequests(t *testing.T) {
	w := newWorld(t)
	w.core.limiter.set(1, 2)
	got := w.ask(tailscale, person, "GET", acl, "")
	w.want(got, 429, `"message"`)
	if got.header.Get("Retry-After") != "2" {
		t.Errorf("%v", got.header)
	}
	w.want(w.ask(tailscale, person, "GET", acl, ""), 200, "")
}
