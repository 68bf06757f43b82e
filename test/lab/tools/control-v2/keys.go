package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

type keyKind string

const (
	authKind     keyKind = "auth"
	clientKey    keyKind = "client"
	federatedKey keyKind = "federated"
	// personKey is of a person's API key; nothing is made of this kind.
	personKey keyKind = "api"
)

var keyScopes = map[keyKind]string{authKind: "auth_keys", clientKey: "oauth_keys", federatedKey: "federated_keys"}

// keyNotes is what Headscale does not keep of an auth key, under the beginning of its text, which no other key ever has.
type keyNotes struct {
	mu    sync.Mutex
	notes map[string]keyNote
}

type keyNote struct {
	description   string
	preauthorized bool
	// maker is the kind of credential that made it.
	maker   keyKind
	revoked time.Time
}

func newKeyNotes() *keyNotes { return &keyNotes{notes: map[string]keyNote{}} }

var keyBeginning = regexp.MustCompile(`^hskey-auth-[A-Za-z0-9_-]{12}`)

func (k *keyNotes) of(key authKey) keyNote {
	k.mu.Lock()
	defer k.mu.Unlock()
	if note, ok := k.notes[keyBeginning.FindString(key.Key)]; ok {
		return note
	}
	return keyNote{preauthorized: true, maker: personKey}
}

func (k *keyNotes) put(key authKey, note keyNote) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.notes[keyBeginning.FindString(key.Key)] = note
}

// apiKey is a key of any kind as the API has it.
type apiKey struct {
	ID            string            `json:"id"`
	Key           string            `json:"key,omitempty"`
	KeyType       keyKind           `json:"keyType"`
	Description   string            `json:"description,omitempty"`
	Created       *time.Time        `json:"created,omitempty"`
	Updated       *time.Time        `json:"updated,omitempty"`
	Expires       *time.Time        `json:"expires,omitempty"`
	Revoked       *time.Time        `json:"revoked,omitempty"`
	ExpirySeconds *int64            `json:"expirySeconds,omitempty"`
	Invalid       bool              `json:"invalid,omitempty"`
	Capabilities  *capabilities     `json:"capabilities,omitempty"`
	Scopes        []string          `json:"scopes,omitempty"`
	Tags          []string          `json:"tags,omitempty"`
	UserID        string            `json:"userId,omitempty"`
	Issuer        string            `json:"issuer,omitempty"`
	Subject       string            `json:"subject,omitempty"`
	Audience      string            `json:"audience,omitempty"`
	Claims        map[string]string `json:"customClaimRules,omitempty"`
}

type capabilities struct {
	Devices *struct {
		Create createCapabilities `json:"create"`
	} `json:"devices"`
}

type createCapabilities struct {
	Reusable      bool     `json:"reusable"`
	Ephemeral     bool     `json:"ephemeral"`
	Preauthorized bool     `json:"preauthorized"`
	Tags          []string `json:"tags"`
}

func later(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Auth keys keep the ids and texts that Headscale gives them: nodes log in with these texts.
func (c *call) authKeyOf(key authKey) apiKey {
	note := c.keys.of(key)
	life := int64(key.Expiration.Sub(key.CreatedAt).Round(time.Second).Seconds())
	made := apiKey{
		ID: key.ID, KeyType: authKind, Description: note.description, Created: later(key.CreatedAt), Expires: later(key.Expiration),
		Revoked: later(note.revoked), ExpirySeconds: &life, Capabilities: &capabilities{},
		Invalid: !note.revoked.IsZero() || key.Used && !key.Reusable || !c.now().Before(key.Expiration),
	}
	made.Capabilities.Devices = &struct {
		Create createCapabilities `json:"create"`
	}{createCapabilities{key.Reusable, key.Ephemeral, note.preauthorized || c.flavor == headscale30, append([]string{}, key.Tags...)}}
	if c.flavor == headscale30 {
		made.Tags = key.Tags
	}
	return made
}

func credentialKeyOf(one credential) apiKey {
	return apiKey{
		ID: one.ID, KeyType: one.kind(), Description: one.Description, Created: later(one.created), Updated: later(one.updated),
		Scopes: one.Scopes, Tags: one.Tags, Issuer: one.Issuer, Subject: one.Subject, Audience: one.Audience, Claims: one.Claims,
	}
}

// listKeys shows what the scopes allow. On Tailscale these are the active keys, and without `all` only those of the one who
// asks or, to a token, credentials of its own kind. Headscale shows everything.
func listKeys(c *call) (*reply, error) {
	may := func(kind keyKind) bool { return covers(c.grant.scopes, keyScopes[kind]+":read") }
	list := []apiKey{}
	if !may(authKind) && !may(clientKey) && !may(federatedKey) && c.flavor == tailscale {
		return nil, c.need("auth_keys:read")
	}
	all := c.flavor == headscale30 || c.URL.Query().Get("all") == "true"
	for _, one := range c.credentials.all() {
		known := one.kind() == clientKey || c.flavor == tailscale
		if known && may(one.kind()) && (all || c.grant.kind == one.kind()) {
			list = append(list, credentialKeyOf(one))
		}
	}
	if may(authKind) && (all || c.grant.isPerson()) {
		keys, err := c.backend.authKeys(c.Context())
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			shown := c.authKeyOf(key)
			if c.flavor == headscale30 || !shown.Invalid && (all || c.keys.of(key).maker == personKey) {
				list = append(list, shown)
			}
		}
	}
	return asJSON(http.StatusOK, map[string]any{"keys": list}), nil
}

func (c *call) findAuthKey(id string) (authKey, error) {
	keys, err := c.backend.authKeys(c.Context())
	if err != nil {
		return authKey{}, err
	}
	at := slices.IndexFunc(keys, func(key authKey) bool { return key.ID == id })
	if at < 0 {
		return authKey{}, c.noKey()
	}
	return keys[at], nil
}

func (c *call) noKey() error {
	return refuse(http.StatusNotFound, c.words("key not found", "auth key not found"))
}

// getKey shows the credential in use to itself, whatever its scopes.
func getKey(c *call) (*reply, error) {
	id := c.params["key"]
	if one, ok := c.credentials.byID(id); ok && (c.flavor == tailscale || one.kind() == clientKey) {
		if c.grant.id != id || c.flavor == headscale30 {
			if !covers(c.grant.scopes, keyScopes[one.kind()]+":read") {
				if c.flavor == headscale30 {
					return nil, c.noKey()
				}
				return nil, c.need(keyScopes[one.kind()] + ":read")
			}
		}
		return asJSON(http.StatusOK, credentialKeyOf(one)), nil
	}
	if err := c.need("auth_keys:read"); err != nil {
		return nil, err
	}
	key, err := c.findAuthKey(id)
	if err != nil {
		return nil, err
	}
	return asJSON(http.StatusOK, c.authKeyOf(key)), nil
}

// deleteKey revokes: the key can be asked for afterwards, and says that it is revoked.
func deleteKey(c *call) (*reply, error) {
	id := c.params["key"]
	if one, ok := c.credentials.byID(id); ok && (c.flavor == tailscale || one.kind() == clientKey) {
		if err := c.need(keyScopes[one.kind()]); err != nil {
			return nil, err
		}
		c.credentials.remove(id)
		return c.done(), nil
	}
	if err := c.need("auth_keys"); err != nil {
		return nil, err
	}
	key, err := c.findAuthKey(id)
	if err != nil {
		return nil, err
	}
	note := c.keys.of(key)
	if !note.revoked.IsZero() {
		return nil, refuse(http.StatusNotFound, c.words("key not found", "revoking auth key"))
	}
	if err := c.backend.expireAuthKey(c.Context(), id); err != nil {
		return nil, err
	}
	note.revoked = c.now()
	c.keys.put(key, note)
	return c.done(), nil
}

// done is the answer of a change that has nothing to say.
func (c *call) done() *reply {
	if c.flavor == tailscale {
		return &reply{status: http.StatusOK}
	}
	return asJSON(http.StatusOK, struct{}{})
}

// keyRequest is what may be said of a key that is to be made or changed.
type keyRequest struct {
	KeyType       keyKind           `json:"keyType"`
	Description   string            `json:"description"`
	ExpirySeconds *int64            `json:"expirySeconds"`
	Capabilities  *capabilities     `json:"capabilities"`
	Scopes        []string          `json:"scopes"`
	Tags          []string          `json:"tags"`
	Issuer        string            `json:"issuer"`
	Subject       string            `json:"subject"`
	Audience      string            `json:"audience"`
	Claims        map[string]string `json:"customClaimRules"`
}

// Tailscale's longest life of an auth key, and the usual one of both.
const longestLife = 90 * 24 * 3600

var plainDescription = regexp.MustCompile(`^[A-Za-z0-9 -]*$`)

func (c *call) keyRequest() (keyRequest, error) {
	var asked keyRequest
	if err := c.readJSON(&asked); err != nil {
		return asked, err
	}
	if asked.KeyType == "" {
		asked.KeyType = authKind
	}
	if c.flavor == headscale30 {
		if asked.KeyType != clientKey {
			asked.KeyType = authKind
			if err := c.allCreateMembers(); err != nil {
				return asked, err
			}
		}
		if len(asked.Description) > 50 {
			return asked, refuse(http.StatusUnprocessableEntity, "validation failed", "expected length <= 50 (body.description: "+asked.Description+")")
		}
		return asked, nil
	}
	if keyScopes[asked.KeyType] == "" {
		return asked, refuse(http.StatusBadRequest, "invalid keyType")
	}
	if len(asked.Description) > 50 || !plainDescription.MatchString(asked.Description) {
		return asked, refuse(http.StatusBadRequest, "invalid description")
	}
	if asked.ExpirySeconds != nil && (*asked.ExpirySeconds < 0 || *asked.ExpirySeconds > longestLife) {
		return asked, refuse(http.StatusBadRequest, "invalid expirySeconds")
	}
	if asked.KeyType == authKind && (asked.Capabilities == nil || asked.Capabilities.Devices == nil) {
		return asked, refuse(http.StatusBadRequest, "capabilities.devices is required")
	}
	return asked, nil
}

// allCreateMembers: Headscale wants each of them said.
func (c *call) allCreateMembers() error {
	var said struct {
		Capabilities struct {
			Devices struct {
				Create map[string]json.RawMessage `json:"create"`
			} `json:"devices"`
		} `json:"capabilities"`
	}
	if err := json.Unmarshal(c.body, &said); err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	for _, name := range []string{"reusable", "ephemeral", "preauthorized", "tags"} {
		if said.Capabilities.Devices.Create[name] == nil {
			return refuse(http.StatusUnprocessableEntity, "validation failed",
				"expected required property "+name+" to be present (body.capabilities.devices.create: map[])")
		}
	}
	return nil
}

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// readJSON reads a body strictly: a member that is not known is refused.
func (c *call) readJSON(into any) error {
	kind, _, _ := strings.Cut(c.Header.Get("Content-Type"), ";")
	if c.flavor == headscale30 {
		if kind != "" && kind != jsonType && kind != hujsonType {
			return refuse(http.StatusUnsupportedMediaType, "unknown media type: "+kind)
		}
		if len(c.body) > bodyLimit {
			return refuse(http.StatusRequestEntityTooLarge, "request body is too large limit=1048576 bytes")
		}
	}
	decoder := json.NewDecoder(strings.NewReader(string(c.body)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		return nil
	}
	if c.flavor == headscale30 {
		if name := unknownField.FindStringSubmatch(err.Error()); name != nil {
			return refuse(http.StatusUnprocessableEntity, "validation failed", "unexpected property (body."+name[1]+")")
		}
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) {
			return refuse(http.StatusUnprocessableEntity, "validation failed", err.Error())
		}
	}
	return refuse(http.StatusBadRequest, err.Error())
}

func createKey(c *call) (*reply, error) {
	asked, err := c.keyRequest()
	if err != nil {
		return nil, err
	}
	if err := c.need(keyScopes[asked.KeyType]); err != nil {
		return nil, err
	}
	if asked.KeyType != authKind {
		return c.createCredential(asked)
	}
	create := createCapabilities{}
	if asked.Capabilities != nil && asked.Capabilities.Devices != nil {
		create = asked.Capabilities.Devices.Create
	}
	if len(create.Tags) == 0 && c.flavor == headscale30 {
		if c.grant.isPerson() {
			return nil, refuse(http.StatusBadRequest, "an auth key without tags must be created with a user-owned API key")
		}
		return nil, refuse(http.StatusForbidden, "an OAuth client must create tagged auth keys")
	}
	if err := c.mayTag(create.Tags); err != nil {
		return nil, err
	}
	if len(create.Tags) == 0 {
		return nil, refuse(http.StatusNotImplemented, "the lab has no users, whose keys could be without tags")
	}
	life := int64(longestLife)
	if asked.ExpirySeconds != nil && *asked.ExpirySeconds > 0 {
		life = *asked.ExpirySeconds
	}
	made, err := c.backend.createAuthKey(c.Context(), create.Tags, create.Reusable, create.Ephemeral, c.now().Add(time.Duration(life)*time.Second))
	if err != nil {
		return nil, err
	}
	c.keys.put(made, keyNote{description: asked.Description, preauthorized: create.Preauthorized, maker: c.grant.kind})
	shown := c.authKeyOf(made)
	shown.Key = made.Key
	return asJSON(http.StatusOK, shown), nil
}
