package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"

	"github.com/tailscale/hujson"
)

// policies is the one policy of the tailnet. Headscale holds it. What Tailscale takes and Headscale does not is left out
// there, and remembered here with the rest of the text, under what was stored in its place.
type policies struct {
	mu        sync.Mutex
	backend   *backend
	originals map[[32]byte]string
	// others is what somebody else writes right before the next policy is written.
	others string
}

func newPolicies(backend *backend) *policies {
	return &policies{backend: backend, originals: map[[32]byte]string{}}
}

var defaultPolicies = map[flavor]string{
	tailscale: `// Everything may reach everything until you say otherwise.
{
	"grants": [
		{"src": ["*"], "dst": ["*"], "ip": ["*"]},
	],

	// People may enter their own devices.
	"ssh": [
		{
			"action": "check",
			"src":    ["autogroup:member"],
			"dst":    ["autogroup:self"],
			"users":  ["autogroup:nonroot", "root"],
		},
	],
}
`,
	headscale30: `// Everything is allowed until a policy is set.
{
  "acls": [{ "action": "accept", "src": ["*"], "dst": ["*:*"] }],
}
`,
}

// read answers the policy in force.
func (p *policies) read(ctx context.Context, flavor flavor) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current(ctx, flavor)
}

func (p *policies) current(ctx context.Context, flavor flavor) (string, error) {
	stored, isSet, err := p.backend.policy(ctx)
	if err != nil {
		return "", err
	}
	if !isSet {
		return defaultPolicies[flavor], nil
	}
	if original, ok := p.originals[sha256.Sum256([]byte(stored))]; ok {
		return original, nil
	}
	return stored, nil
}

var errChanged = errors.New("the policy has changed")

// write stores a policy if what is in force is what `holds` wants; what Headscale says against it is a *backendError.
func (p *policies) write(ctx context.Context, flavor flavor, text string, holds func(current string) bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if others := p.others; others != "" {
		p.others = ""
		if err := p.store(ctx, flavor, others); err != nil {
			return err
		}
	}
	current, err := p.current(ctx, flavor)
	if err != nil {
		return err
	}
	if !holds(current) {
		return errChanged
	}
	return p.store(ctx, flavor, text)
}

// meddle has somebody else write a policy right before the next one is written.
func (p *policies) meddle(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.others = text
}

func (p *policies) store(ctx context.Context, flavor flavor, text string) error {
	if flavor == headscale30 {
		return p.backend.setPolicy(ctx, text)
	}
	translated, err := translate(text)
	if err != nil {
		return err
	}
	if err := p.backend.setPolicy(ctx, translated); err != nil {
		return err
	}
	p.originals[sha256.Sum256([]byte(translated))] = text
	return nil
}

// etag is what a server calls a version of the policy: Tailscale the sum of the formatted text, Headscale of the text.
func etag(flavor flavor, text string) string {
	bytes := []byte(text)
	if flavor == tailscale {
		if formatted, err := hujson.Format(bytes); err == nil {
			bytes = formatted
		}
	}
	sum := sha256.Sum256(bytes)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}
