package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// backend is the real Headscale, by its /api/v1.
type backend struct {
	url    string
	apiKey string
	client *http.Client
}

// backendError is what Headscale answered instead of a success.
type backendError struct {
	status  int
	message string
}

func (e *backendError) Error() string { return e.message }

func (b *backend) call(ctx context.Context, method, path string, body, out any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, b.url+path, sent)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+b.apiKey)
	if body != nil {
		request.Header.Set("Content-Type", jsonType)
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		var told struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(text, &told) != nil || told.Message == "" {
			told.Message = strings.TrimSpace(string(text))
		}
		return &backendError{answer.StatusCode, told.Message}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// policy answers the stored text; false when nobody has set one yet.
func (b *backend) policy(ctx context.Context) (string, bool, error) {
	var read struct {
		Policy string `json:"policy"`
	}
	err := b.call(ctx, "GET", "/api/v1/policy", nil, &read)
	if refused, ok := err.(*backendError); ok && strings.Contains(refused.message, "acl policy not found") {
		return "", false, nil
	}
	return read.Policy, err == nil, err
}

func (b *backend) setPolicy(ctx context.Context, text string) error {
	return b.call(ctx, "PUT", "/api/v1/policy", map[string]string{"policy": text}, nil)
}

func (b *backend) checkPolicy(ctx context.Context, text string) error {
	return b.call(ctx, "POST", "/api/v1/policy/check", map[string]string{"policy": text}, nil)
}

// authKey is a key as Headscale has it. Its text, but for the beginning, is only there when it is made.
type authKey struct {
	ID         string    `json:"id"`
	Key        string    `json:"key"`
	Reusable   bool      `json:"reusable"`
	Ephemeral  bool      `json:"ephemeral"`
	Used       bool      `json:"used"`
	Expiration time.Time `json:"expiration"`
	CreatedAt  time.Time `json:"createdAt"`
	Tags       []string  `json:"aclTags"`
}

func (b *backend) authKeys(ctx context.Context) ([]authKey, error) {
	var read struct {
		Keys []authKey `json:"preAuthKeys"`
	}
	err := b.call(ctx, "GET", "/api/v1/preauthkey", nil, &read)
	return read.Keys, err
}

func (b *backend) createAuthKey(ctx context.Context, tags []string, reusable, ephemeral bool, expires time.Time) (authKey, error) {
	var read struct {
		Key authKey `json:"preAuthKey"`
	}
	err := b.call(ctx, "POST", "/api/v1/preauthkey", map[string]any{
		"reusable": reusable, "ephemeral": ephemeral, "expiration": expires.UTC().Format(time.RFC3339Nano), "aclTags": tags,
	}, &read)
	return read.Key, err
}

// expireAuthKey ends a key and leaves it in the list.
func (b *backend) expireAuthKey(ctx context.Context, id string) error {
	return b.call(ctx, "POST", "/api/v1/preauthkey/expire", map[string]string{"id": id}, nil)
}

// node is a device as Headscale has it.
type node struct {
	ID              string     `json:"id"`
	MachineKey      string     `json:"machineKey"`
	NodeKey         string     `json:"nodeKey"`
	Name            string     `json:"name"`
	GivenName       string     `json:"givenName"`
	IPAddresses     []string   `json:"ipAddresses"`
	Tags            []string   `json:"tags"`
	Online          bool       `json:"online"`
	LastSeen        *time.Time `json:"lastSeen"`
	Expiry          *time.Time `json:"expiry"`
	CreatedAt       time.Time  `json:"createdAt"`
	ApprovedRoutes  []string   `json:"approvedRoutes"`
	AvailableRoutes []string   `json:"availableRoutes"`
	User            *struct {
		Name string `json:"name"`
	} `json:"user"`
	PreAuthKey *struct {
		Ephemeral bool `json:"ephemeral"`
	} `json:"preAuthKey"`
}

func (b *backend) nodes(ctx context.Context) ([]node, error) {
	var read struct {
		Nodes []node `json:"nodes"`
	}
	err := b.call(ctx, "GET", "/api/v1/node", nil, &read)
	return read.Nodes, err
}

func (b *backend) setTags(ctx context.Context, id string, tags []string) error {
	return b.call(ctx, "POST", "/api/v1/node/"+id+"/tags", map[string]any{"tags": tags}, nil)
}

func (b *backend) approve(ctx context.Context, id string, routes []string) (node, error) {
	var read struct {
		Node node `json:"node"`
	}
	err := b.call(ctx, "POST", "/api/v1/node/"+id+"/approve_routes", map[string]any{"routes": routes}, &read)
	return read.Node, err
}

func (b *backend) rename(ctx context.Context, id, name string) error {
	return b.call(ctx, "POST", "/api/v1/node/"+id+"/rename/"+url.PathEscape(name), nil, nil)
}

func (b *backend) expireNode(ctx context.Context, id string) error {
	return b.call(ctx, "POST", "/api/v1/node/"+id+"/expire", nil, nil)
}

func (b *backend) disableExpiry(ctx context.Context, id string) error {
	return b.call(ctx, "POST", "/api/v1/node/"+id+"/expire?disableExpiry=true", nil, nil)
}

func (b *backend) deleteNode(ctx context.Context, id string) error {
	return b.call(ctx, "DELETE", "/api/v1/node/"+id, nil, nil)
}
