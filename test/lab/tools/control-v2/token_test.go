package main

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestScopesAndCredentials(t *testing.T) {
	w := newWorld(t)
	reader := w.token(tailscale, "fake-read")
	denied := "calling actor does not have enough permissions"
	w.want(w.ask(tailscale, reader, "GET", acl, ""), 200, "")
	w.want(w.ask(tailscale, reader, "POST", acl, ownPolicy), 403, denied)
	w.want(w.ask(tailscale, reader, "POST", keysURL, mint("tag:a")), 403, denied)
	w.want(w.ask(tailscale, reader, "GET", "/api/v2/tailnet/-/devices", ""), 403, denied)
	w.want(w.ask(tailscale, reader, "GET", keysURL+"/kRead", ""), 200, `"scopes":["policy_file:read"]`)
	w.want(w.ask(headscale30, reader, "GET", keysURL, ""), 200, `{"keys":[]}`)
	w.want(w.ask(headscale30, reader, "POST", acl, ownPolicy), 403, "token is missing the required scope policy_file")
	w.want(w.ask(tailscale, "nobody", "GET", acl, ""), 401, "API token invalid")
	w.want(w.ask(headscale30, "nobody", "GET", acl, ""), 401, `{"message":"unauthorized","status":401}`)
	w.want(w.ask(headscale30, "", "GET", acl, "", "Authorization", "bearer "+person), 401, "")
	w.want(w.ask(tailscale, secret, "GET", acl, ""), 401, "")
	w.want(w.ask(tailscale, person, "GET", "/api/v2/tailnet/other/acl", ""), 404, "tailnet not found")
	w.core.credentials.endTokens()
	w.want(w.ask(tailscale, reader, "GET", acl, ""), 401, "")
}

func TestTokenEndpoint(t *testing.T) {
	w := newWorld(t)
	form := func(f flavor, values url.Values) answer {
		t.Helper()
		return w.ask(f, "", "POST", "/api/v2/oauth/token", values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	w.want(form(tailscale, url.Values{"client_secret": {"wrong"}}), 401, `{"message":"API token invalid"}`)
	w.want(form(headscale30, url.Values{"client_secret": {"wrong"}}), 401, `"error":"invalid_client"`)
	w.want(form(headscale30, url.Values{"client_secret": {secret}, "grant_type": {"password"}}), 400, "unsupported_grant_type")
	w.want(form(headscale30, url.Values{"client_secret": {secret}, "scope": {"dns"}}), 400, "invalid_scope")
	w.want(form(headscale30, url.Values{"client_secret": {secret}, "tags": {"tag:a"}}), 400, "invalid_target")
	w.want(form(tailscale, url.Values{"client_secret": {secret}, "scope": {"policy_file:read auth_keys"}}), 200, `"scope":"policy_file:read auth_keys"`)
	w.want(w.ask(headscale30, "", "POST", "/api/v2/oauth/token", `{"client_secret":"`+secret+`"}`), 401, "")
	w.want(w.ask(headscale30, "", "GET", "/api/v2/oauth/token", ""), 405, "")
}

func TestWorkloadIdentity(t *testing.T) {
	w := newWorld(t)
	exchange := func(audience string, at time.Time, change func(string) string) answer {
		t.Helper()
		jwt, err := w.issuer.token(audience, at)
		if err != nil {
			t.Fatal(err)
		}
		values := url.Values{"client_id": {"T-kId"}, "jwt": {change(jwt)}}
		return w.ask(tailscale, "", "POST", "/api/v2/oauth/token-exchange", values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	same := func(jwt string) string { return jwt }
	const audience = "api.tailscale.com/T-kId"
	good := exchange(audience, time.Now(), same)
	w.want(good, 200, "access_token")
	w.want(w.ask(tailscale, good.json["access_token"].(string), "GET", acl, ""), 200, "")
	vague := "Unauthorized. Visit"
	w.want(exchange("another", time.Now(), same), 401, vague)
	w.want(exchange(audience, time.Now().Add(-time.Hour), same), 401, vague)
	w.want(exchange(audience, time.Now().Add(time.Hour), same), 401, vague)
	w.want(exchange(audience, time.Now(), func(jwt string) string {
		parts := strings.Split(jwt, ".")
		return parts[0] + "." + encodePart(map[string]any{"iss": w.issuer.URL, "aud": audience, "sub": "repo:lab/x", "repository_id": "74", "exp": time.Now().Unix() + 300}) + "." + parts[2]
	}), 401, vague)
	w.issuer.Claims["repository_id"] = "75"
	w.want(exchange(audience, time.Now(), same), 401, vague)
	w.issuer.Claims["repository_id"] = "74"
	w.issuer.Claims["sub"] = "repo:other/mesh"
	w.want(exchange(audience, time.Now(), same), 401, vague)
	w.want(w.ask(headscale30, "", "POST", "/api/v2/oauth/token-exchange", ""), 404, "404 page not found\n")
}

func TestNestedClaims(t *testing.T) {
	claims := map[string]any{"a": map[string]any{"b.c": "x", "n": 7.0}}
	if got := claimAt(claims, `a."b.c"`); got != "x" {
		t.Errorf("%v", got)
	}
	if !matches("7", claimAt(claims, "a.n")) || matches("*", claimAt(claims, "a.none")) || matches("x.z", "xyz") {
		t.Error("patterns")
	}
}
