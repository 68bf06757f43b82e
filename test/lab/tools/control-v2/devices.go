package main

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// device is one as the API has it. What Headscale does not know is left out, or is what it is for every device of the lab.
type device struct {
	ID        string   `json:"id"`
	NodeID    string   `json:"nodeId"`
	Name      string   `json:"name"`
	Hostname  string   `json:"hostname"`
	Addresses []string `json:"addresses"`
	User      string   `json:"user"`
	Tags      []string `json:"tags,omitempty"`
	OS        string   `json:"os"`

	Created           time.Time  `json:"created"`
	Expires           *time.Time `json:"expires,omitempty"`
	KeyExpiryDisabled bool       `json:"keyExpiryDisabled"`
	LastSeen          *time.Time `json:"lastSeen,omitempty"`
	Authorized        bool       `json:"authorized"`
	Ephemeral         bool       `json:"isEphemeral"`
	MachineKey        string     `json:"machineKey"`
	NodeKey           string     `json:"nodeKey"`

	// Of Tailscale only.
	Connected   *bool   `json:"connectedToControl,omitempty"`
	External    *bool   `json:"isExternal,omitempty"`
	Blocks      *bool   `json:"blocksIncomingConnections,omitempty"`
	Update      *bool   `json:"updateAvailable,omitempty"`
	Version     *string `json:"clientVersion,omitempty"`
	LockError   *string `json:"tailnetLockError,omitempty"`
	LockKey     *string `json:"tailnetLockKey,omitempty"`
	SSHEnabled  *bool   `json:"sshEnabled,omitempty"`
	Advertised  *routes `json:"advertisedRoutes,omitempty"`
	EnabledList *routes `json:"enabledRoutes,omitempty"`
}

type routes []string

func listOf(texts []string) *routes {
	made := routes(append([]string{}, texts...))
	return &made
}

func (c *call) deviceOf(n node, whole bool) device {
	made := device{
		ID: n.ID, NodeID: n.ID, Name: n.GivenName, Hostname: n.Name, Addresses: n.IPAddresses, User: "tagged-devices", Tags: n.Tags,
		OS: "linux", Created: n.CreatedAt.UTC(), Authorized: true, MachineKey: n.MachineKey, NodeKey: n.NodeKey,
		KeyExpiryDisabled: n.Expiry == nil || n.Expiry.IsZero(),
		Ephemeral:         n.PreAuthKey != nil && n.PreAuthKey.Ephemeral,
	}
	if !n.Online {
		made.LastSeen = n.LastSeen
	}
	if !made.KeyExpiryDisabled {
		made.Expires = n.Expiry
	}
	if n.User != nil && len(n.Tags) == 0 {
		made.User = n.User.Name
	}
	if c.flavor == headscale30 {
		if whole && len(n.AvailableRoutes) > 0 {
			made.Advertised = listOf(n.AvailableRoutes)
		}
		if whole && len(n.ApprovedRoutes) > 0 {
			made.EnabledList = listOf(n.ApprovedRoutes)
		}
		return made
	}
	no, none := false, ""
	made.NodeID = "n" + n.ID + "CNTRL"
	made.Name = n.GivenName + "." + c.domain
	made.Connected, made.External, made.Blocks, made.Update = &n.Online, &no, &no, &no
	made.Version, made.LockError, made.LockKey = &none, &none, &none
	if made.Expires == nil {
		made.Expires = &time.Time{}
	}
	if whole {
		made.SSHEnabled, made.Advertised, made.EnabledList = &no, listOf(n.AvailableRoutes), listOf(n.ApprovedRoutes)
	}
	return made
}

func listDevices(c *call) (*reply, error) {
	query := c.URL.Query()
	whole, err := c.wantsAll(query)
	if err != nil {
		return nil, err
	}
	nodes, err := c.backend.nodes(c.Context())
	if err != nil {
		return nil, err
	}
	list := []device{}
	for _, n := range nodes {
		shown := c.deviceOf(n, whole)
		if c.flavor == headscale30 || fits(shown, query) {
			list = append(list, shown)
		}
	}
	return asJSON(http.StatusOK, map[string]any{"devices": list}), nil
}

func (c *call) wantsAll(query url.Values) (bool, error) {
	switch fields := query.Get("fields"); fields {
	case "all":
		return true, nil
	case "", "default":
		return false, nil
	default:
		if c.flavor == headscale30 {
			return false, nil
		}
		return false, refuse(http.StatusBadRequest, "invalid fields")
	}
}

// fits holds a device against the filters of a list: each is the name of a member and a value that it has.
func fits(shown device, query url.Values) bool {
	text, _ := json.Marshal(shown)
	var members map[string]any
	json.Unmarshal(text, &members)
	for name, values := range query {
		if name == "fields" {
			continue
		}
		for _, wanted := range values {
			have, isList := members[name].([]any)
			if !isList {
				have = []any{members[name]}
			}
			if !slices.ContainsFunc(have, func(one any) bool { return plainText(one) == wanted }) {
				return false
			}
		}
	}
	return true
}

var nodeID = regexp.MustCompile(`^(?:n(\d+)CNTRL|(\d+))$`)

func (c *call) findNode() (node, error) {
	missing := refuse(http.StatusNotFound, "device not found")
	parts := nodeID.FindStringSubmatch(c.params["device"])
	if parts == nil || parts[1] != "" && c.flavor == headscale30 {
		return node{}, missing
	}
	// Headscale's answer for one node lacks some of what its list has.
	nodes, err := c.backend.nodes(c.Context())
	if err != nil {
		return node{}, err
	}
	at := slices.IndexFunc(nodes, func(n node) bool { return n.ID == parts[1]+parts[2] })
	if at < 0 {
		return node{}, missing
	}
	return nodes[at], nil
}

// change does something to the node that a request names.
func (c *call) change(do func(node) error) (*reply, error) {
	found, err := c.findNode()
	if err != nil {
		return nil, err
	}
	if err := do(found); err != nil {
		return nil, err
	}
	return c.done(), nil
}

func getDevice(c *call) (*reply, error) {
	whole, err := c.wantsAll(c.URL.Query())
	if err != nil {
		return nil, err
	}
	found, err := c.findNode()
	if err != nil {
		return nil, err
	}
	return asJSON(http.StatusOK, c.deviceOf(found, whole)), nil
}

func deleteDevice(c *call) (*reply, error) {
	return c.change(func(n node) error { return c.backend.deleteNode(c.Context(), n.ID) })
}

func authorizeDevice(c *call) (*reply, error) {
	var asked struct {
		Authorized *bool `json:"authorized"`
	}
	if err := c.readJSON(&asked); err != nil {
		return nil, err
	}
	return c.change(func(node) error {
		if asked.Authorized == nil || !*asked.Authorized {
			return refuse(http.StatusBadRequest, "devices cannot be deauthorized")
		}
		return nil
	})
}

func nameDevice(c *call) (*reply, error) {
	var asked struct {
		Name *string `json:"name"`
	}
	if err := c.readJSON(&asked); err != nil {
		return nil, err
	}
	return c.change(func(n node) error {
		name := n.Name
		if asked.Name != nil && *asked.Name != "" {
			name = strings.TrimSuffix(*asked.Name, "."+c.domain)
		}
		return c.backend.rename(c.Context(), n.ID, name)
	})
}

func setDeviceKey(c *call) (*reply, error) {
	var asked struct {
		Disabled *bool `json:"keyExpiryDisabled"`
	}
	if err := c.readJSON(&asked); err != nil {
		return nil, err
	}
	return c.change(func(n node) error {
		if asked.Disabled == nil {
			return refuse(http.StatusBadRequest, "keyExpiryDisabled is required")
		}
		if !*asked.Disabled {
			return nil
		}
		return c.backend.disableExpiry(c.Context(), n.ID)
	})
}

func expireDevice(c *call) (*reply, error) {
	return c.change(func(n node) error { return c.backend.expireNode(c.Context(), n.ID) })
}

func tagDevice(c *call) (*reply, error) {
	var asked struct {
		Tags *[]string `json:"tags"`
	}
	if err := c.readJSON(&asked); err != nil {
		return nil, err
	}
	if asked.Tags == nil && c.flavor == headscale30 && !strings.Contains(string(c.body), `"tags"`) {
		return nil, refuse(http.StatusUnprocessableEntity, "validation failed", "expected required property tags to be present (body: map[])")
	}
	return c.change(func(n node) error {
		var tags []string
		if asked.Tags != nil {
			tags = *asked.Tags
		}
		if len(tags) == 0 && c.flavor == headscale30 {
			return nil
		}
		if err := c.mayTagDevice(tags); err != nil {
			return err
		}
		return c.backend.setTags(c.Context(), n.ID, tags)
	})
}

// mayTagDevice: an API key of Headscale's may give a device only tags of the policy, other than an auth key.
func (c *call) mayTagDevice(tags []string) error {
	if c.flavor == tailscale && len(tags) == 0 {
		return refuse(http.StatusBadRequest, notPermitted(tags))
	}
	if c.flavor == headscale30 && c.grant.isPerson() {
		owners, err := c.owners()
		if err != nil {
			return err
		}
		for _, tag := range tags {
			if owners[tag] == nil {
				return refuse(http.StatusBadRequest, "setting device tags", notPermitted(tags))
			}
		}
		return nil
	}
	return c.mayTag(tags)
}

func (c *call) routesOf(n node) *reply {
	return asJSON(http.StatusOK, map[string]any{"advertisedRoutes": listOf(n.AvailableRoutes), "enabledRoutes": listOf(n.ApprovedRoutes)})
}

func getRoutes(c *call) (*reply, error) {
	found, err := c.findNode()
	if err != nil {
		return nil, err
	}
	return c.routesOf(found), nil
}

// setRoutes replaces the enabled routes, advertised or not.
func setRoutes(c *call) (*reply, error) {
	var asked struct {
		Routes *[]string `json:"routes"`
	}
	if err := c.readJSON(&asked); err != nil {
		return nil, err
	}
	if asked.Routes == nil && c.flavor == headscale30 {
		return nil, refuse(http.StatusUnprocessableEntity, "validation failed", "expected array (body.routes)")
	}
	wanted := []string{}
	if asked.Routes != nil {
		wanted = append(wanted, *asked.Routes...)
	}
	for _, route := range wanted {
		if _, err := netip.ParsePrefix(route); err != nil {
			return nil, refuse(http.StatusBadRequest, c.words(err.Error(), "parsing route"))
		}
	}
	found, err := c.findNode()
	if err != nil {
		return nil, err
	}
	changed, err := c.backend.approve(c.Context(), found.ID, wanted)
	if err != nil {
		return nil, err
	}
	return c.routesOf(changed), nil
}
