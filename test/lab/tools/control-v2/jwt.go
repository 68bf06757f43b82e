package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// verifier checks ID tokens: the signature by the keys that their issuer publishes, then what a federated identity asks.
type verifier struct {
	client *http.Client
	now    func() time.Time
}

func newVerifier(client *http.Client, now func() time.Time) *verifier {
	return &verifier{client: client, now: now}
}

// Clocks may differ by so much.
const leeway = 30 * time.Second

func (v *verifier) check(ctx context.Context, token string, trusts credential) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("it is no JWT")
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	if err := decodePart(parts[0], &header); err != nil {
		return err
	}
	if header.Algorithm != "RS256" {
		return fmt.Errorf("algorithm %q", header.Algorithm)
	}
	// The issuer is the one that is trusted, never the one that the token names.
	key, err := v.publicKey(ctx, trusts.Issuer, header.KeyID)
	if err != nil {
		return err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature); err != nil {
		return err
	}
	var claims map[string]any
	if err := decodePart(parts[1], &claims); err != nil {
		return err
	}
	return v.checkClaims(claims, trusts)
}

func (v *verifier) checkClaims(claims map[string]any, trusts credential) error {
	if claims["iss"] != trusts.Issuer {
		return fmt.Errorf("iss is %v", claims["iss"])
	}
	if !slices.Contains(audiences(claims["aud"]), trusts.Audience) {
		return fmt.Errorf("aud is %v", claims["aud"])
	}
	expires, ok := claims["exp"].(float64)
	if !ok || !v.now().Before(time.Unix(int64(expires), 0).Add(leeway)) {
		return errors.New("it has expired")
	}
	if from, ok := claims["nbf"].(float64); ok && v.now().Add(leeway).Before(time.Unix(int64(from), 0)) {
		return errors.New("it is not valid yet")
	}
	if !matches(trusts.Subject, claims["sub"]) {
		return fmt.Errorf("sub is %v", claims["sub"])
	}
	for name, pattern := range trusts.Claims {
		if value := claimAt(claims, name); !matches(pattern, value) {
			return fmt.Errorf("%s is %v", name, value)
		}
	}
	return nil
}

func audiences(claim any) []string {
	switch value := claim.(type) {
	case string:
		return []string{value}
	case []any:
		var all []string
		for _, one := range value {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}

var claimParts = regexp.MustCompile(`"([^"]*)"|([^."]+)`)

// claimAt answers a claim by its name; dots lead into nested ones, quotes keep a name with dots together.
func claimAt(claims map[string]any, name string) any {
	var at any = claims
	for _, part := range claimParts.FindAllStringSubmatch(name, -1) {
		inner, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = inner[part[1]+part[2]]
	}
	return at
}

// matches says whether a claim is as a pattern wants it; a claim that is not there matches nothing.
func matches(pattern string, claim any) bool {
	text := plainText(claim)
	if text == "" {
		return false
	}
	parts := strings.Split(pattern, "*")
	for at, part := range parts {
		parts[at] = regexp.QuoteMeta(part)
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(parts, ".*") + `$`).MatchString(text)
}

// plainText answers a value of JSON as a person writes it; nothing for what has parts.
func plainText(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return ""
}

func decodePart(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

type jwk struct {
	Type     string `json:"kty"`
	ID       string `json:"kid"`
	Use      string `json:"use"`
	Modulus  string `json:"n"`
	Exponent string `json:"e"`
}

// publicKey asks the issuer where its keys are, and then for them.
func (v *verifier) publicKey(ctx context.Context, issuer, id string) (*rsa.PublicKey, error) {
	var discovery struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := v.get(ctx, strings.TrimRight(issuer, "/")+"/.well-known/openid-configuration", &discovery); err != nil {
		return nil, err
	}
	if discovery.Issuer != issuer {
		return nil, fmt.Errorf("%s says that it is %s", issuer, discovery.Issuer)
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := v.get(ctx, discovery.Keys, &set); err != nil {
		return nil, err
	}
	for _, key := range set.Keys {
		if key.ID == id && key.Type == "RSA" && key.Use != "enc" {
			return key.rsa()
		}
	}
	return nil, fmt.Errorf("%s has no key %q", issuer, id)
}

func (k jwk) rsa() (*rsa.PublicKey, error) {
	modulus, err := base64.RawURLEncoding.DecodeString(k.Modulus)
	if err != nil {
		return nil, err
	}
	exponent, err := base64.RawURLEncoding.DecodeString(k.Exponent)
	if err != nil {
		return nil, err
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}, nil
}

func (v *verifier) get(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	answer, err := v.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	return json.NewDecoder(io.LimitReader(answer.Body, bodyLimit)).Decode(into)
}
