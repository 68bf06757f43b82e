package main

import (
	"io"
	"net/http"
	"strconv"
)

// switches are what no server of this kind has: ways for a test to make it do what is rare.
type switches struct {
	limiter     *limiter
	credentials *credentials
	policies    *policies
	token       string
}

func (s *switches) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer "+s.token {
		http.NotFound(w, r)
		return
	}
	switch r.URL.Path {
	case "/switch/limit":
		// The next so many requests are too many.
		requests, err := strconv.Atoi(r.URL.Query().Get("requests"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		after, err := strconv.Atoi(r.URL.Query().Get("after"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.limiter.set(requests, after)
	case "/switch/meddle":
		// Somebody else writes this policy right before the next one is written.
		text, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.policies.meddle(string(text))
	case "/switch/end-tokens":
		s.credentials.endTokens()
	default:
		http.NotFound(w, r)
	}
}
