package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"time"
)

type issuerConfig struct {
	URL         string `json:"url"`
	Listen      string `json:"listen"`
	ListenPlain string `json:"listenPlain"`
	// RequestToken is what a job shows to get its ID token, and what opens the lab's switches.
	RequestToken string `json:"requestToken"`
	// Claims of the job; the audience comes with each request.
	Claims map[string]any `json:"claims"`
}

// issuer makes ID tokens as GitHub does for its jobs.
type issuer struct {
	issuerConfig
	key *rsa.PrivateKey
}

func newIssuer(config issuerConfig) (*issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return &issuer{config, key}, err
}

// handler serves what everybody may read, tokens for jobs, and the lab's switches.
func (i *issuer) handler(switches http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/.well-known/jwks", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /.well-known/jwks", func(w http.ResponseWriter, _ *http.Request) {
		public := i.key.PublicKey
		writeJSON(w, map[string]any{"keys": []map[string]string{{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "lab",
			"n": base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+i.RequestToken {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		token, err := i.token(r.URL.Query().Get("audience"), time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		writeJSON(w, map[string]string{"value": token})
	})
	mux.Handle("/switch/", switches)
	return mux
}

// token lives as long as one of GitHub's.
func (i *issuer) token(audience string, now time.Time) (string, error) {
	claims := map[string]any{
		"iss": i.URL, "aud": audience, "iat": now.Unix(), "nbf": now.Unix() - 5, "exp": now.Unix() + 300, "jti": randomText(16),
	}
	for name, value := range i.Claims {
		claims[name] = value
	}
	signed := encodePart(map[string]string{"alg": "RS256", "kid": "lab", "typ": "JWT"}) + "." + encodePart(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

func encodePart(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", jsonType)
	json.NewEncoder(w).Encode(value)
}
