// Asks Headscale's own policy engine, without a server: a question a line on standard input, an answer a line on standard
// output. What is asked is a policy's text and the devices that it is judged for, as a devices file has them.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"slices"

	"github.com/juanfont/headscale/hscontrol/policy"
	"github.com/juanfont/headscale/hscontrol/types"
	"github.com/rs/zerolog"
	"gorm.io/gorm"
	"tailscale.com/tailcfg"
)

type question struct {
	Policy string            `json:"policy"`
	Users  []string          `json:"users"`
	Nodes  map[string]device `json:"nodes"`
}

type device struct {
	User     string         `json:"user"`
	Tags     []string       `json:"tags"`
	IPv4     *netip.Addr    `json:"ipv4"`
	IPv6     *netip.Addr    `json:"ipv6"`
	Routes   []netip.Prefix `json:"routes"`
	Approved []netip.Prefix `json:"approved"`
}

type answer struct {
	// Refused says why the policy cannot be read; empty where it can.
	Refused string `json:"refused,omitempty"`
	// Failed says why it cannot be stored all the same: tests of its own that do not hold.
	Failed string                          `json:"failed,omitempty"`
	Filter map[string][]tailcfg.FilterRule `json:"filter,omitempty"`
	Peers  map[string][]string             `json:"peers,omitempty"`
}

func main() {
	zerolog.SetGlobalLevel(zerolog.Disabled)
	if err := answerAll(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answerAll(from io.Reader, to io.Writer) error {
	questions := json.NewDecoder(from)
	lines := bufio.NewWriter(to)
	answers := json.NewEncoder(lines)
	for questions.More() {
		var asked question
		if err := questions.Decode(&asked); err != nil {
			return err
		}
		said, err := judge(asked)
		if err != nil {
			return err
		}
		if err := answers.Encode(said); err != nil {
			return err
		}
	}
	return lines.Flush()
}

// judge has a policy read, its routes approved, and its tests run, as the server does when somebody stores it.
func judge(asked question) (*answer, error) {
	users, nodes, err := people(asked)
	if err != nil {
		return nil, err
	}
	manager, err := policy.NewPolicyManager([]byte(asked.Policy), users, nodes.ViewSlice())
	if err != nil {
		return &answer{Refused: err.Error()}, nil
	}
	for _, node := range nodes {
		approved, _ := policy.ApproveRoutesWithPolicy(manager, node.View(), node.ApprovedRoutes, node.Hostinfo.RoutableIPs)
		node.ApprovedRoutes = approved
	}
	views := nodes.ViewSlice()
	// A manager of its own: one that is told of its nodes anew takes them for the same.
	manager, err = policy.NewPolicyManager([]byte(asked.Policy), users, views)
	if err != nil {
		return nil, err
	}
	said := &answer{Filter: map[string][]tailcfg.FilterRule{}, Peers: map[string][]string{}}
	peers := manager.BuildPeerMap(views)
	for _, node := range nodes {
		filter, err := manager.FilterForNode(node.View())
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, peer := range peers[node.ID] {
			names = append(names, peer.Hostname())
		}
		slices.Sort(names)
		said.Filter[node.Hostname], said.Peers[node.Hostname] = filter, names
	}
	if _, err := manager.SetPolicy([]byte(asked.Policy)); err != nil {
		said.Failed = err.Error()
	}
	return said, nil
}

func people(asked question) ([]types.User, types.Nodes, error) {
	users := make([]types.User, len(asked.Users))
	byEmail := map[string]*types.User{}
	for at, email := range asked.Users {
		users[at] = types.User{Model: gorm.Model{ID: uint(at + 1)}, Name: email, Email: email}
		byEmail[email] = &users[at]
	}
	nodes := types.Nodes{}
	for at, name := range slices.Sorted(maps.Keys(asked.Nodes)) {
		told := asked.Nodes[name]
		node := &types.Node{
			ID:             types.NodeID(at + 1),
			Hostname:       name,
			GivenName:      name,
			IPv4:           told.IPv4,
			IPv6:           told.IPv6,
			Tags:           told.Tags,
			Hostinfo:       &tailcfg.Hostinfo{RoutableIPs: told.Routes},
			ApprovedRoutes: told.Approved,
		}
		if len(told.Tags) == 0 && told.User != "" {
			owner := byEmail[told.User]
			if owner == nil {
				return nil, nil, fmt.Errorf("%s belongs to %s, who is no user", name, told.User)
			}
			node.User, node.UserID = owner, &owner.ID
		}
		nodes = append(nodes, node)
	}
	return users, nodes, nil
}
