package main

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// sketch is as much of a policy as a preview needs.
type sketch struct {
	groups map[string][]string
	hosts  map[string]string
	ipsets map[string][]string
	rules  []sketchRule
}

type sketchRule struct {
	line  int
	users []string
	// ports are destinations with their ports: `10.0.0.0/8:443`.
	ports []string
}

type previewMatch struct {
	Users []string `json:"users"`
	Ports []string `json:"ports"`
	Line  int      `json:"lineNumber"`
}

// previewPolicy says which rules of a policy that is not stored apply: from a user, or to an address and port.
func previewPolicy(c *call) (*reply, error) {
	query := c.URL.Query()
	kind, target := query.Get("type"), query.Get("previewFor")
	if kind != "user" && kind != "ipport" || target == "" {
		return nil, refuse(http.StatusBadRequest, "type must be user or ipport, and previewFor must say for whom")
	}
	text := string(c.body)
	if err := c.readable(text); err != nil {
		return nil, err
	}
	translated, err := translate(text)
	if err != nil {
		return nil, err
	}
	if err := c.backend.checkPolicy(c.Context(), translated); err != nil {
		return nil, c.verdict(err)
	}
	read, err := readSketch(text)
	if err != nil {
		return nil, err
	}
	applies := func(rule sketchRule) bool { return read.isFrom(rule, target) }
	if kind == "ipport" {
		address, err := netip.ParseAddrPort(target)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, err.Error())
		}
		nodes, err := c.backend.nodes(c.Context())
		if err != nil {
			return nil, err
		}
		applies = func(rule sketchRule) bool { return read.isTo(rule, address, nodes) }
	}
	matches := []previewMatch{}
	for _, rule := range read.rules {
		if applies(rule) {
			matches = append(matches, previewMatch{rule.users, rule.ports, rule.line})
		}
	}
	return asJSON(http.StatusOK, map[string]any{"matches": matches, "type": kind, "previewFor": target}), nil
}

func readSketch(text string) (*sketch, error) {
	tree, err := hujson.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	read := &sketch{}
	eachMember(&tree, func(name string, value *hujson.Value) {
		switch name {
		case "groups":
			decode(value, &read.groups)
		case "hosts":
			decode(value, &read.hosts)
		case "ipsets":
			decode(value, &read.ipsets)
		case "acls", "grants":
			eachElement(value, func(rule *hujson.Value) {
				read.rules = append(read.rules, readRule(rule, 1+strings.Count(text[:rule.StartOffset], "\n")))
			})
		}
	})
	return read, nil
}

func readRule(value *hujson.Value, line int) sketchRule {
	var raw struct {
		Src, Dst, Users, Ports, IP []string
	}
	decode(value, &raw)
	rule := sketchRule{line: line, users: append(raw.Src, raw.Users...), ports: append([]string{}, raw.Ports...)}
	if raw.IP == nil {
		rule.ports = append(rule.ports, raw.Dst...)
		return rule
	}
	for _, destination := range raw.Dst {
		for _, port := range raw.IP {
			if at := strings.LastIndexByte(port, ':'); at >= 0 {
				port = port[at+1:]
			}
			rule.ports = append(rule.ports, destination+":"+port)
		}
	}
	return rule
}

func decode(value *hujson.Value, into any) {
	plain := value.Clone()
	plain.Standardize()
	// What is not of this shape, Headscale has refused already.
	json.Unmarshal(plain.Pack(), into)
}

func (s *sketch) isFrom(rule sketchRule, user string) bool {
	return slices.ContainsFunc(rule.users, func(source string) bool {
		return source == "*" || source == user || source == "autogroup:member" || source == "autogroup:members" ||
			slices.Contains(s.groups[source], user)
	})
}

func (s *sketch) isTo(rule sketchRule, target netip.AddrPort, nodes []node) bool {
	return slices.ContainsFunc(rule.ports, func(destination string) bool {
		at := strings.LastIndexByte(destination, ':')
		return at >= 0 && holdsPort(destination[at+1:], target.Port()) && s.holdsAddress(destination[:at], target.Addr(), nodes)
	})
}

func holdsPort(ports string, wanted uint16) bool {
	return slices.ContainsFunc(strings.Split(ports, ","), func(part string) bool {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if first == "*" {
			return true
		}
		from, err := strconv.Atoi(first)
		if err != nil {
			return false
		}
		to := from
		if isRange {
			if to, err = strconv.Atoi(last); err != nil {
				return false
			}
		}
		return from <= int(wanted) && int(wanted) <= to
	})
}

func (s *sketch) holdsAddress(name string, wanted netip.Addr, nodes []node) bool {
	name = strings.Trim(name, "[]")
	switch {
	case name == "*":
		return true
	case strings.HasPrefix(name, "tag:"):
		return slices.ContainsFunc(nodes, func(n node) bool {
			return slices.Contains(n.Tags, name) && slices.Contains(n.IPAddresses, wanted.String())
		})
	case strings.HasPrefix(name, "ipset:"):
		return s.inSet(s.ipsets[name], wanted, nodes)
	}
	if alias, ok := s.hosts[name]; ok {
		name = alias
	}
	if prefix, err := netip.ParsePrefix(name); err == nil {
		return prefix.Contains(wanted)
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address == wanted
}

// inSet goes through a set in order: what is removed later is not in it.
func (s *sketch) inSet(entries []string, wanted netip.Addr, nodes []node) bool {
	inside := false
	for _, entry := range entries {
		word, rest, has := strings.Cut(entry, " ")
		if !has {
			word, rest = "add", entry
		}
		if s.holdsAddress(rest, wanted, nodes) {
			inside = word != "remove"
		}
	}
	return inside
}
