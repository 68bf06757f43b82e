package main

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"
)

// credential is what a token can be had for: an OAuth client, or a federated identity.
type credential struct {
	ID          string   `json:"id"`
	Secret      string   `json:"secret"`
	Scopes      []string `json:"scopes"`
	Tags        []string `json:"tags"`
	Description string   `json:"description"`
	// Of a federated identity only. A * in a pattern stands for anything.
	Issuer   string            `json:"issuer"`
	Subject  string            `json:"subject"`
	Audience string            `json:"audience"`
	Claims   map[string]string `json:"claims"`

	created time.Time
	updated time.Time
}

func (c credential) kind() keyKind {
	if c.Issuer != "" {
		return federatedKey
	}
	return clientKey
}

// grant is who asks and what they may do.
type grant struct {
	// id is of the credential; empty for a person's API key.
	id     string
	kind   keyKind
	scopes []string
	tags   []string
}

func (g grant) isPerson() bool { return g.kind == personKey }

type token struct {
	grant
	expires time.Time
}

// credentials of all servers, kept in memory.
type credentials struct {
	mu      sync.Mutex
	persons []string
	known   []credential
	tokens  map[string]token
	now     func() time.Time
}

const tokenLife = time.Hour

func newCredentials(persons []string, known []credential, now func() time.Time) *credentials {
	made := &credentials{persons: persons, tokens: map[string]token{}, now: now}
	for _, one := range known {
		one.created = now()
		made.known = append(made.known, one)
	}
	return made
}

// authorize answers the grant behind an Authorization header. Headscale minds how the scheme is written.
func (c *credentials) authorize(header string, strict bool) (grant, bool) {
	scheme, value, _ := strings.Cut(header, " ")
	is := func(name string) bool { return scheme == name || !strict && strings.EqualFold(scheme, name) }
	switch {
	case is("Basic"):
		decoded, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return grant{}, false
		}
		value, _, _ = strings.Cut(string(decoded), ":")
	case !is("Bearer"):
		return grant{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.persons {
		if subtle.ConstantTimeCompare([]byte(key), []byte(value)) == 1 {
			return grant{kind: personKey, scopes: []string{"all"}}, true
		}
	}
	found, ok := c.tokens[value]
	if !ok || !c.now().Before(found.expires) {
		return grant{}, false
	}
	return found.grant, true
}

func (c *credentials) issue(to grant, prefix string) string {
	text := prefix + randomText(12) + "-" + randomText(32)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens[text] = token{to, c.now().Add(tokenLife)}
	return text
}

// endTokens makes all tokens so far worthless.
func (c *credentials) endTokens() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.tokens)
}

func (c *credentials) find(match func(credential) bool) (credential, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := slices.IndexFunc(c.known, match)
	if at < 0 {
		return credential{}, false
	}
	return c.known[at], true
}

func (c *credentials) byID(id string) (credential, bool) {
	return c.find(func(one credential) bool { return one.ID == id })
}

func (c *credentials) bySecret(secret string) (credential, bool) {
	return c.find(func(one credential) bool {
		return one.Secret != "" && subtle.ConstantTimeCompare([]byte(one.Secret), []byte(secret)) == 1
	})
}

func (c *credentials) all() []credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.known)
}

func (c *credentials) put(one credential) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := slices.IndexFunc(c.known, func(k credential) bool { return k.ID == one.ID }); at >= 0 {
		c.known[at] = one
		return
	}
	c.known = append(c.known, one)
}

// remove takes a credential away, and its tokens with it.
func (c *credentials) remove(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.known)
	c.known = slices.DeleteFunc(c.known, func(one credential) bool { return one.ID == id })
	for text, t := range c.tokens {
		if t.id == id {
			delete(c.tokens, text)
		}
	}
	return len(c.known) < before
}

// randomText answers that many letters and digits.
func randomText(length int) string {
	bytes := make([]byte, (length+1)/2)
	rand.Read(bytes)
	return hex.EncodeToString(bytes)[:length]
}
