package main

import (
	"fmt"
	"slices"
	"strings"

	"tailscale.com/client/tailscale/v2"
)

// policy reads, checks and writes the policy, and writes in the end what was there.
func (j *judge) policy(client *tailscale.Client) {
	file := client.PolicyFile()
	before, err := file.Raw(j)
	if !j.is("the policy as text", wants(err == nil && before.ETag != "", err, "no version")) {
		return
	}
	parsed, err := file.Get(j)
	j.is("the policy as a value, with the same version", wants(err == nil && parsed.ETag == before.ETag, err, "another version"))
	j.is("checking the policy in force", file.Validate(j, before.HuJSON))
	j.is("tests against the policy in force", file.Validate(j, []tailscale.ACLTest{{Source: "10.250.0.1", Deny: []string{"10.251.0.1:1"}}}))
	err = file.Validate(j, []tailscale.ACLTest{{Source: "10.250.0.1", Accept: []string{"10.251.0.1:1"}}})
	j.is("a failing test is told", wants(err != nil && strings.Contains(err.Error(), "test(s) failed") && strings.Contains(err.Error(), "10.251.0.1:1"), nil, "%v", err))

	changed := strings.TrimRight(before.HuJSON, "\n") + "\n// written by client-v2\n"
	j.is("a write on an old version", refuses(file.Set(j, changed, strings.Repeat("0", 64)), 412, "precondition failed"))
	j.is("a broken policy", refuses(file.Set(j, `{"acls" []}`, before.ETag), 400, "line 1, column 9"))
	if !j.is("a write on the version that was read", file.Set(j, changed, before.ETag)) {
		return
	}
	now, err := file.Raw(j)
	j.is("comments are kept, and it is another version", wants(err == nil && now.HuJSON == changed && now.ETag != before.ETag, err, "it is another text"))
	j.is("the old text again", file.Set(j, before.HuJSON, now.ETag))
	again, err := file.Raw(j)
	j.is("has the old version", wants(err == nil && *again == *before, err, "it has not"))
}

// keys makes a key, looks at it and takes it back.
func (j *judge) keys(client *tailscale.Client) {
	keys := client.Keys()
	var asked tailscale.CreateKeyRequest
	asked.ExpirySeconds, asked.Description = 300, "client-v2"
	asked.Capabilities.Devices.Create.Preauthorized = true
	asked.Capabilities.Devices.Create.Tags = []string{"tag:not-in-any-policy"}
	_, err := keys.CreateAuthKey(j, asked)
	j.is("a key with a tag of nobody's", refuses(err, 400, "requested tags [tag:not-in-any-policy] are invalid or not permitted"))
	asked.Capabilities.Devices.Create.Tags = []string{"tag:ci"}
	made, err := keys.CreateAuthKey(j, asked)
	if !j.is("a key with the credential's own tag", wants(err == nil && made.Key != "" && made.ID != "", err, "no key")) {
		return
	}
	found, err := keys.Get(j, made.ID)
	j.is("the key, without its text", wants(err == nil && found.Key == "" && found.Description == "client-v2" && !found.Invalid, err, "%+v", found))
	has := func(list []tailscale.Key) bool {
		return slices.ContainsFunc(list, func(key tailscale.Key) bool { return key.ID == made.ID && key.KeyType == "auth" })
	}
	list, err := keys.List(j, true)
	j.is("it is in the list of all keys", wants(has(list), err, "it is not"))
	list, err = keys.List(j, false)
	j.is("and not in the list of the client's own kind", wants(!has(list), err, "it is"))
	j.is("revoking it", keys.Delete(j, made.ID))
	err = keys.Delete(j, made.ID)
	j.is("revoking it again finds nothing", wants(tailscale.IsNotFound(err), nil, "%v", err))
	found, err = keys.Get(j, made.ID)
	j.is("it says that it is revoked", wants(err == nil && found.Invalid && !found.Revoked.IsZero(), err, "%+v", found))
	list, err = keys.List(j, true)
	j.is("and is no longer listed", wants(!has(list), err, "it is"))
}

// devices changes each thing of a device to what it is.
func (j *judge) devices(client *tailscale.Client) {
	devices := client.Devices()
	list, err := devices.List(j, tailscale.WithFields(tailscale.IncludeFieldsAll))
	if !j.is("devices with everything", wants(len(list) > 0, err, "there are none")) {
		return
	}
	for _, device := range list {
		name := device.Hostname
		short, err := devices.Get(j, device.NodeID)
		j.is(name+" by its id", wants(err == nil && short.ID == device.ID && short.EnabledRoutes == nil, err, "%+v", short))
		routes, err := devices.SubnetRoutes(j, device.ID)
		j.is(name+": routes", wants(err == nil && slices.Equal(routes.Enabled, device.EnabledRoutes), err, "%+v", routes))
		j.is(name+": routes as they are", devices.SetSubnetRoutes(j, device.NodeID, device.EnabledRoutes))
		j.is(name+": tags as they are", devices.SetTags(j, device.NodeID, device.Tags))
		j.is(name+": no key expiry, as it is", devices.SetKey(j, device.NodeID, tailscale.DeviceKey{KeyExpiryDisabled: true}))
		j.is(name+": authorized, as it is", devices.SetAuthorized(j, device.NodeID, true))
		alike, err := devices.List(j, tailscale.WithFilter("hostname", []string{name}))
		j.is(name+" alone by a filter", wants(len(alike) == 1 && alike[0].ID == device.ID, err, "%d devices", len(alike)))
	}
	_, err = devices.Get(j, "n999999CNTRL")
	j.is("a device that is not there", wants(tailscale.IsNotFound(err), nil, "%v", err))
	j.is("its tags", refuses(devices.SetTags(j, list[0].NodeID, []string{"tag:not-in-any-policy"}), 400, "are invalid or not permitted"))
}

// credentials makes an OAuth client and a federated identity and takes them away, as a person does.
func (j *judge) credentials(person *tailscale.Client) {
	keys := person.Keys()
	made, err := keys.CreateOAuthClient(j, tailscale.CreateOAuthClientRequest{Scopes: []string{"policy_file:read"}, Description: "client-v2"})
	if j.is("an OAuth client", wants(err == nil && made.Key != "", err, "no secret")) {
		own := j.client(&tailscale.OAuth{ClientID: made.ID, ClientSecret: made.Key})
		_, err := own.PolicyFile().Raw(j)
		j.is("reads what its scope allows", err)
		j.is("and writes nothing", refuses(own.PolicyFile().Set(j, "{}", ""), 403, "enough permissions"))
		_, err = keys.SetOAuthClient(j, made.ID, tailscale.SetOAuthClientRequest{Scopes: []string{"auth_keys:read"}, Tags: []string{"tag:ci"}})
		j.is("gets other scopes", err)
		j.is("and goes", keys.Delete(j, made.ID))
		_, err = own.PolicyFile().Raw(j)
		j.is("with its tokens", refuses(err, 401, "invalid"))
	}
	identity, err := keys.CreateFederatedIdentity(j, tailscale.CreateFederatedIdentityRequest{
		Scopes: []string{"policy_file:read"}, Issuer: "https://issuer.example.com", Subject: "repo:lab/mesh:*",
		CustomClaimRules: map[string]string{"repository_id": "1"}, Description: "client-v2",
	})
	if j.is("a federated identity", wants(err == nil && identity.Audience == "api.tailscale.com/"+identity.ID, err, "%+v", identity)) {
		j.is("that goes", keys.Delete(j, identity.ID))
	}
	_, err = keys.CreateOAuthClient(j, tailscale.CreateOAuthClientRequest{Scopes: []string{"auth_keys"}})
	j.is("a client that needs a tag", refuses(err, 400, "tags are required"))
}

// identity reads the policy as a job without any secret does.
func (j *judge) identity() {
	client := j.client(&tailscale.IdentityFederation{ClientID: j.IdentityID, IDTokenFunc: j.idToken})
	_, err := client.PolicyFile().Raw(j)
	j.is("a job's identity is enough", err)
	stranger := j.client(&tailscale.IdentityFederation{ClientID: j.ClientID, IDTokenFunc: j.idToken})
	_, err = stranger.PolicyFile().Raw(j)
	j.is("but not for another credential", wants(err != nil && strings.Contains(fmt.Sprint(err), "401"), nil, "%v", err))
}
