package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// core is what all servers of this process share.
type core struct {
	backend     *backend
	policies    *policies
	keys        *keyNotes
	credentials *credentials
	verifier    *verifier
	limiter     *limiter
	recorder    *recorder
	through     http.Handler
	domain      string
	now         func() time.Time
}

func newCore(config config, roots *x509.CertPool) (*core, error) {
	upstream, err := url.Parse(config.Headscale.URL)
	if err != nil {
		return nil, err
	}
	recorder, err := newRecorder(config.Exchanges)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 8}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	backend := &backend{url: strings.TrimRight(config.Headscale.URL, "/"), apiKey: config.Headscale.APIKey, client: client}
	return &core{
		backend:     backend,
		policies:    newPolicies(backend),
		keys:        newKeyNotes(),
		credentials: newCredentials(config.APIKeys, config.Credentials, time.Now),
		verifier:    newVerifier(client, time.Now),
		limiter:     &limiter{},
		recorder:    recorder,
		// Nodes speak HTTP/1.1 here and then their own protocol, which an upgrade leads to.
		through: &httputil.ReverseProxy{
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(upstream) },
			Transport: transport,
		},
		domain: config.Domain,
		now:    time.Now,
	}, nil
}

// server is one server with its flavor.
type server struct {
	*core
	flavor flavor
	routes []route
}

func newServer(core *core, flavor flavor) *server {
	made := &server{core: core, flavor: flavor}
	for _, r := range allRoutes {
		if flavor == tailscale && !r.headscaleOnly || flavor == headscale30 && !r.tailscaleOnly {
			made.routes = append(made.routes, r)
		}
	}
	return made
}

// call is one request to the API.
type call struct {
	*server
	*http.Request
	body   []byte
	grant  grant
	params map[string]string
}

// Headscale refuses JSON bodies above this, and this server all.
const bodyLimit = 1 << 20

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isAPI := strings.HasPrefix(r.URL.Path, "/api/v2/") || s.flavor == tailscale && strings.HasPrefix(r.URL.Path, "/api/")
	if !isAPI && !(s.flavor == headscale30 && r.URL.Path == "/version") {
		s.through.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 8*bodyLimit))
	if err != nil {
		log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
		return
	}
	answer := s.answer(&call{server: s, Request: r, body: body})
	s.recorder.add(s.flavor, r, body, answer)
	for name, values := range answer.header {
		w.Header()[name] = values
	}
	if answer.kind != "" {
		w.Header().Set("Content-Type", answer.kind)
	}
	w.WriteHeader(answer.status)
	w.Write(answer.body)
}

func (s *server) answer(c *call) *reply {
	answer, err := s.serve(c)
	if err == nil {
		return answer
	}
	var refused *failure
	if errors.As(err, &refused) {
		return s.tell(refused)
	}
	if !errors.Is(err, context.Canceled) {
		log.Printf("%s %s: %v", c.Method, c.URL.Path, err)
	}
	return s.tell(refuse(http.StatusInternalServerError, err.Error()))
}

func (s *server) serve(c *call) (*reply, error) {
	found, methods := s.match(c)
	if found == nil && len(methods) == 0 {
		if s.flavor == headscale30 {
			return &reply{status: http.StatusNotFound, kind: textType, body: []byte("404 page not found\n")}, nil
		}
		return nil, refuse(http.StatusNotFound, "not found")
	}
	if found == nil {
		return s.wrongMethod(methods)
	}
	if !found.open {
		known, ok := s.credentials.authorize(c.Header.Get("Authorization"), s.flavor == headscale30)
		if !ok {
			return nil, refuse(http.StatusUnauthorized, s.words("API token invalid", "unauthorized"))
		}
		c.grant = known
	}
	if wait, limited := s.limiter.take(); limited {
		refused := refuse(http.StatusTooManyRequests, "rate limit exceeded")
		refused.header = http.Header{"Retry-After": {wait}}
		return nil, refused
	}
	if found.scope != "" {
		if err := c.need(found.scope); err != nil {
			return nil, err
		}
	}
	if name, has := c.params["tailnet"]; has && name != "-" && !(s.flavor == tailscale && name == tailnetName) {
		return nil, refuse(http.StatusNotFound, "tailnet not found")
	}
	return found.handle(c)
}

// tailnetName is the explicit one; `-` is the credential's own.
const tailnetName = "lab.example.com"

func (s *server) wrongMethod(methods []string) (*reply, error) {
	refused := &reply{status: http.StatusMethodNotAllowed, header: http.Header{"Allow": methods}}
	if s.flavor == tailscale {
		refused = s.tell(refuse(http.StatusMethodNotAllowed, "method not allowed"))
		refused.header = http.Header{"Allow": {strings.Join(methods, ", ")}}
	}
	return refused, nil
}

// need refuses a request whose credential lacks a scope.
func (c *call) need(scope string) error {
	if covers(c.grant.scopes, scope) {
		return nil
	}
	return refuse(http.StatusForbidden, c.words("calling actor does not have enough permissions to perform this function",
		"token is missing the required scope "+scope))
}

// words answers what Tailscale says or what Headscale does.
func (s *server) words(ofTailscale, ofHeadscale string) string {
	if s.flavor == tailscale {
		return ofTailscale
	}
	return ofHeadscale
}
