package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// owners answers who owns which tag by the policy in force.
func (c *call) owners() (map[string][]string, error) {
	text, err := c.policies.read(c.Context(), c.flavor)
	if err != nil {
		return nil, err
	}
	return ownersOf(text)
}

func ownersOf(policy string) (map[string][]string, error) {
	plain, err := hujson.Standardize([]byte(policy))
	if err != nil {
		return nil, err
	}
	var read struct {
		TagOwners map[string][]string `json:"tagOwners"`
	}
	err = json.Unmarshal(plain, &read)
	return read.TagOwners, err
}

// isOwned says whether one of these tags owns that one, itself or through others.
func isOwned(owners map[string][]string, tag string, by []string) bool {
	seen := map[string]bool{}
	var look func(string) bool
	look = func(tag string) bool {
		if seen[tag] {
			return false
		}
		seen[tag] = true
		return slices.ContainsFunc(owners[tag], func(owner string) bool {
			return slices.Contains(by, owner) || strings.HasPrefix(owner, "tag:") && look(owner)
		})
	}
	return look(tag)
}

func sameTags(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(tag string) bool { return !slices.Contains(b, tag) })
}

// mayTag refuses tags that the one who asks may not give.
//
// On Tailscale a token may give exactly the tags that it holds, all of them together, or tags which these own; a person
// those of the policy. On Headscale a token may give any that it holds or owns, and an API key any at all.
func (c *call) mayTag(tags []string) error {
	if c.grant.isPerson() && c.flavor == headscale30 {
		return nil
	}
	owners, err := c.owners()
	if err != nil {
		return err
	}
	if c.flavor == headscale30 {
		return c.mayTagOnHeadscale(owners, tags)
	}
	if !c.grant.isPerson() && sameTags(tags, c.grant.tags) && len(tags) > 0 {
		return nil
	}
	for _, tag := range tags {
		given := owners[tag] != nil && (c.grant.isPerson() || isOwned(owners, tag, c.grant.tags))
		if !given {
			return refuse(http.StatusBadRequest, notPermitted(tags))
		}
	}
	if len(tags) == 0 && !c.grant.isPerson() {
		return refuse(http.StatusBadRequest, notPermitted(tags))
	}
	return nil
}

func notPermitted(tags []string) string {
	return "requested tags [" + strings.Join(tags, " ") + "] are invalid or not permitted"
}

func (c *call) mayTagOnHeadscale(owners map[string][]string, tags []string) error {
	for _, tag := range tags {
		if owners[tag] == nil {
			return refuse(http.StatusBadRequest, "tag "+tag+" is not defined in policy")
		}
		if !slices.Contains(c.grant.tags, tag) && !isOwned(owners, tag, c.grant.tags) {
			return refuse(http.StatusForbidden, "token may not assign tag "+tag)
		}
	}
	return nil
}
