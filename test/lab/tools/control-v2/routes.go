package main

import "strings"

type route struct {
	method string
	// path below /api/v2, with {names}; or a whole one.
	path string
	// scope that a token needs; empty where the handler knows more.
	scope  string
	handle func(*call) (*reply, error)
	// open routes ask for no credential.
	open          bool
	tailscaleOnly bool
	headscaleOnly bool
}

const (
	aclPath    = "/tailnet/{tailnet}/acl"
	keysPath   = "/tailnet/{tailnet}/keys"
	devicePath = "/device/{device}"
)

// allRoutes is filled at the start, since the document that Headscale makes of it is one of them.
var allRoutes []route

func init() {
	allRoutes = []route{
		{method: "POST", path: "/oauth/token", handle: oauthToken, open: true},
		{method: "POST", path: "/oauth/token-exchange", handle: tokenExchange, open: true, tailscaleOnly: true},
		{method: "GET", path: aclPath, scope: "policy_file:read", handle: getPolicy},
		{method: "POST", path: aclPath, scope: "policy_file", handle: setPolicy},
		{method: "POST", path: aclPath + "/validate", scope: "policy_file:read", handle: validatePolicy, tailscaleOnly: true},
		{method: "POST", path: aclPath + "/preview", scope: "policy_file:read", handle: previewPolicy, tailscaleOnly: true},
		{method: "GET", path: keysPath, handle: listKeys},
		{method: "POST", path: keysPath, handle: createKey},
		{method: "GET", path: keysPath + "/{key}", handle: getKey},
		{method: "PUT", path: keysPath + "/{key}", handle: changeKey, tailscaleOnly: true},
		{method: "DELETE", path: keysPath + "/{key}", handle: deleteKey},
		{method: "GET", path: "/tailnet/{tailnet}/devices", scope: "devices:core:read", handle: listDevices},
		{method: "GET", path: devicePath, scope: "devices:core:read", handle: getDevice},
		{method: "DELETE", path: devicePath, scope: "devices:core", handle: deleteDevice},
		{method: "POST", path: devicePath + "/authorized", scope: "devices:core", handle: authorizeDevice},
		{method: "POST", path: devicePath + "/name", scope: "devices:core", handle: nameDevice},
		{method: "POST", path: devicePath + "/tags", scope: "devices:core", handle: tagDevice},
		{method: "POST", path: devicePath + "/key", scope: "devices:core", handle: setDeviceKey},
		{method: "POST", path: devicePath + "/expire", scope: "devices:core", handle: expireDevice, tailscaleOnly: true},
		{method: "GET", path: devicePath + "/routes", scope: "devices:routes:read", handle: getRoutes},
		{method: "POST", path: devicePath + "/routes", scope: "devices:routes", handle: setRoutes},
		{method: "GET", path: "/tailnet/{tailnet}/settings", scope: "feature_settings:read", handle: getSettings, headscaleOnly: true},
		{method: "PATCH", path: "/tailnet/{tailnet}/settings", scope: "feature_settings", handle: changeSettings, headscaleOnly: true},
		{method: "GET", path: "/openapi.json", handle: openAPI, open: true, headscaleOnly: true},
		{method: "GET", path: "/version", handle: version, open: true, headscaleOnly: true},
	}
}

// match answers the route of a request, or the methods that its path would take.
func (s *server) match(c *call) (*route, []string) {
	var methods []string
	for at := range s.routes {
		r := &s.routes[at]
		path := "/api/v2" + r.path
		if r.path == "/version" {
			path = r.path
		}
		params, ok := matchPath(path, c.URL.Path)
		if !ok {
			continue
		}
		if r.method == c.Method {
			c.params = params
			return r, nil
		}
		methods = append(methods, r.method)
	}
	return nil, methods
}

func matchPath(pattern, path string) (map[string]string, bool) {
	wanted, given := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return nil, false
	}
	params := map[string]string{}
	for at, part := range wanted {
		name, isParam := strings.CutPrefix(part, "{")
		switch {
		case isParam && given[at] != "":
			params[strings.TrimSuffix(name, "}")] = given[at]
		case part != given[at]:
			return nil, false
		}
	}
	return params, true
}

const pretended = "v0.30.0"

// pretended is the version that a Headscale says it is.
// version is what a Headscale says to everybody.
func version(*call) (*reply, error) {
	return asJSON(200, map[string]any{"version": pretended, "commit": "lab", "buildTime": "", "dirty": false}), nil
}

// openAPI lists the routes of a Headscale, but for the token endpoint, as the real one does.
func openAPI(c *call) (*reply, error) {
	paths := map[string]map[string]any{}
	for _, r := range c.server.routes {
		if r.open {
			continue
		}
		path := "/api/v2" + r.path
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		operation := map[string]any{"responses": map[string]any{"200": map[string]any{"description": "OK"}}}
		if r.scope != "" {
			operation["x-required-scope"] = r.scope
		}
		paths[path][strings.ToLower(r.method)] = operation
	}
	return asJSON(200, map[string]any{
		"openapi": "3.1.0", "info": map[string]any{"title": "Headscale", "version": pretended}, "paths": paths,
	}), nil
}

func getSettings(*call) (*reply, error) {
	return asJSON(200, map[string]any{"aclsExternallyManagedOn": false, "devicesApprovalOn": false}), nil
}

func changeSettings(*call) (*reply, error) {
	return nil, refuse(501, "updating tailnet settings is not supported by Headscale")
}
