package main

import (
	"log"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// form answers the form of a request to a token endpoint; a JSON body is one without members.
func (c *call) form() url.Values {
	kind, _, _ := strings.Cut(c.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != "application/x-www-form-urlencoded" {
		return url.Values{}
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return url.Values{}
	}
	return form
}

// basic answers what came as HTTP Basic, which clients encode once more.
func (c *call) basic() (string, string) {
	name, secret, _ := c.BasicAuth()
	plain := func(text string) string {
		if decoded, err := url.QueryUnescape(text); err == nil {
			return decoded
		}
		return text
	}
	return plain(name), plain(secret)
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// oauthToken exchanges a client's secret for a token. The client's id is not needed: the secret says it.
func oauthToken(c *call) (*reply, error) {
	form := c.form()
	_, secret := c.basic()
	known, ok := c.credentials.bySecret(firstOf(form.Get("client_secret"), secret))
	if !ok {
		return c.oauthRefusal(http.StatusUnauthorized, "invalid_client", "client authentication failed"), nil
	}
	if kind := form.Get("grant_type"); kind != "" && kind != "client_credentials" {
		return c.oauthRefusal(http.StatusBadRequest, "unsupported_grant_type", "only client_credentials is supported"), nil
	}
	scopes, tags := known.Scopes, known.Tags
	if asked := strings.Fields(form.Get("scope")); len(asked) > 0 {
		for _, scope := range asked {
			if !covers(known.Scopes, scope) {
				return c.oauthRefusal(http.StatusBadRequest, "invalid_scope", "scope not granted: "+scope), nil
			}
		}
		scopes = asked
	}
	if asked := strings.Fields(form.Get("tags")); len(asked) > 0 {
		for _, tag := range asked {
			if !slices.Contains(known.Tags, tag) {
				return c.oauthRefusal(http.StatusBadRequest, "invalid_target", "tag not held: "+tag), nil
			}
		}
		tags = asked
	}
	return c.tokenReply(grant{id: known.ID, kind: known.kind(), scopes: scopes, tags: tags}), nil
}

// oauthRefusal: Tailscale says all in its own form, Headscale as RFC 6749 has it.
func (c *call) oauthRefusal(status int, code, told string) *reply {
	if c.flavor == tailscale {
		if status == http.StatusUnauthorized {
			return c.tell(refuse(status, "API token invalid"))
		}
		return c.tell(refuse(status, told))
	}
	answer := asJSON(status, map[string]string{"error": code, "error_description": told})
	answer.header = http.Header{"Cache-Control": {"no-store"}}
	return answer
}

func (c *call) tokenReply(to grant) *reply {
	text := c.credentials.issue(to, c.words("tskey-api-", "hskey-oauthtok-"))
	answer := asJSON(http.StatusOK, map[string]any{
		"access_token": text, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()),
		"scope": strings.Join(to.scopes, " "),
	})
	answer.header = http.Header{"Cache-Control": {"no-store"}}
	return answer
}

// tokenExchange exchanges an ID token of a trusted issuer for one of ours. Why it refuses, it does not say.
func tokenExchange(c *call) (*reply, error) {
	form := c.form()
	name, _ := c.basic()
	known, ok := c.credentials.byID(firstOf(form.Get("client_id"), name))
	if !ok || known.kind() != federatedKey {
		return c.unauthorized(), nil
	}
	if err := c.verifier.check(c.Context(), form.Get("jwt"), known); err != nil {
		log.Printf("token exchange for %s: %v", known.ID, err)
		return c.unauthorized(), nil
	}
	return c.tokenReply(grant{id: known.ID, kind: federatedKey, scopes: known.Scopes, tags: known.Tags}), nil
}

func (c *call) unauthorized() *reply {
	return c.tell(refuse(http.StatusUnauthorized,
		"Unauthorized. Visit https://login.tailscale.com/admin/settings/trust-credentials for details"))
}
