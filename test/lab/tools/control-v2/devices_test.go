package main

import (
	"strings"
	"testing"
)

func TestDevices(t *testing.T) {
	w := newWorld(t)
	w.want(w.ask(tailscale, person, "POST", acl, ownPolicy), 200, "")
	const all = "/api/v2/tailnet/-/devices?fields=all"
	w.want(w.ask(tailscale, person, "GET", all, ""), 200, `"nodeId":"n3CNTRL","name":"router-1.tail.lab.test"`)
	w.want(w.ask(tailscale, person, "GET", all, ""), 200, `"advertisedRoutes":["10.42.0.0/16"],"enabledRoutes":[]`)
	w.want(w.ask(headscale30, person, "GET", all, ""), 200, `"nodeId":"3","name":"router-1"`)
	if got := w.ask(headscale30, person, "GET", all, ""); strings.Contains(got.text, "enabledRoutes") || strings.Contains(got.text, "connectedToControl") {
		t.Errorf("Headscale says %s", got.text)
	}
	w.want(w.ask(tailscale, person, "GET", "/api/v2/tailnet/-/devices?tags=tag:b", ""), 200, `{"devices":[]}`)
	w.want(w.ask(tailscale, person, "GET", "/api/v2/tailnet/-/devices?tags=tag:a&isEphemeral=false", ""), 200, "n3CNTRL")
	for _, id := range []string{"3", "n3CNTRL"} {
		w.want(w.ask(tailscale, person, "POST", "/api/v2/device/"+id+"/routes", `{"routes":["10.42.0.0/16"]}`), 200, `"enabledRoutes":["10.42.0.0/16"]`)
	}
	w.want(w.ask(tailscale, person, "POST", "/api/v2/device/3/routes", `{"routes":["x"]}`), 400, "")
	w.want(w.ask(headscale30, person, "POST", "/api/v2/device/3/routes", `{}`), 422, "")
	w.want(w.ask(tailscale, person, "POST", "/api/v2/device/4/routes", `{"routes":[]}`), 404, "device not found")
	w.want(w.ask(tailscale, w.token(tailscale, secret), "POST", "/api/v2/device/3/tags", `{"tags":["tag:c"]}`), 400, "not permitted")
	w.want(w.ask(tailscale, w.token(tailscale, secret), "POST", "/api/v2/device/3/tags", `{"tags":["tag:b"]}`), 200, "")
	w.want(w.ask(headscale30, person, "POST", "/api/v2/device/3/tags", `{"tags":["tag:x"]}`), 400, "setting device tags")
	w.want(w.ask(headscale30, person, "POST", "/api/v2/device/3/expire", ""), 404, "404 page not found")
}
