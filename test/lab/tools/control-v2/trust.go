package main

import (
	"net/http"
	"slices"
	"strings"
)

// fitCredential refuses what no OAuth client or federated identity can be.
func (c *call) fitCredential(asked keyRequest) error {
	if len(asked.Scopes) == 0 {
		return refuse(http.StatusBadRequest, "at least one scope is required")
	}
	needsTags := covers(asked.Scopes, "devices:core") || covers(asked.Scopes, "auth_keys")
	if needsTags && len(asked.Tags) == 0 && !slices.Contains(asked.Scopes, "all") {
		return refuse(http.StatusBadRequest, "tags are required when scopes include devices:core or auth_keys")
	}
	if asked.KeyType == federatedKey && (!strings.HasPrefix(asked.Issuer, "https://") || asked.Subject == "") {
		return refuse(http.StatusBadRequest, "a federated identity needs an https issuer and a subject")
	}
	// A tag must be in the policy before a credential can hold it.
	owners, err := c.owners()
	if err != nil {
		return err
	}
	for _, tag := range asked.Tags {
		if c.flavor == tailscale && owners[tag] == nil {
			return refuse(http.StatusBadRequest, notPermitted(asked.Tags))
		}
	}
	return nil
}

// createCredential makes an OAuth client, whose secret is in this answer only, or a federated identity, which has none.
func (c *call) createCredential(asked keyRequest) (*reply, error) {
	if err := c.fitCredential(asked); err != nil {
		return nil, err
	}
	made := credential{
		Scopes: asked.Scopes, Tags: asked.Tags, Description: asked.Description, created: c.now(),
		Issuer: asked.Issuer, Subject: asked.Subject, Audience: asked.Audience, Claims: asked.Claims,
	}
	switch {
	case asked.KeyType == federatedKey:
		made.ID = "T" + randomText(10) + "CNTRL-k" + randomText(10) + "CNTRL"
		made.Audience = firstOf(made.Audience, "api.tailscale.com/"+made.ID)
	case c.flavor == tailscale:
		made.ID = "k" + randomText(10) + "CNTRL"
		made.Secret = "tskey-client-" + made.ID + "-" + randomText(32)
	default:
		made.ID = randomText(12)
		made.Secret = "hskey-client-" + made.ID + "-" + randomText(64)
	}
	c.credentials.put(made)
	shown := credentialKeyOf(made)
	shown.Key = made.Secret
	return asJSON(http.StatusOK, shown), nil
}

// changeKey replaces what a client or an identity may do, and what is said of it.
func changeKey(c *call) (*reply, error) {
	asked, err := c.keyRequest()
	if err != nil {
		return nil, err
	}
	known, ok := c.credentials.byID(c.params["key"])
	if !ok {
		return nil, c.noKey()
	}
	if asked.KeyType != known.kind() {
		return nil, refuse(http.StatusBadRequest, "invalid keyType")
	}
	if err := c.need(keyScopes[known.kind()]); err != nil {
		return nil, err
	}
	if err := c.fitCredential(asked); err != nil {
		return nil, err
	}
	known.Scopes, known.Tags, known.Description, known.updated = asked.Scopes, asked.Tags, asked.Description, c.now()
	if known.kind() == federatedKey {
		known.Issuer, known.Subject, known.Claims = asked.Issuer, asked.Subject, asked.Claims
		known.Audience = firstOf(asked.Audience, known.Audience)
	}
	c.credentials.put(known)
	return asJSON(http.StatusOK, credentialKeyOf(known)), nil
}
