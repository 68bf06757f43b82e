// Command client-v2 uses a control server as programs on Tailscale's own Go client do, and says of each thing it tried
// whether it went as it does on Tailscale. It leaves everything as it was.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"tailscale.com/client/tailscale/v2"
)

type settings struct {
	URL          string `json:"url"`
	APIKey       string `json:"apiKey"`
	ClientID     string `json:"oauthClientId"`
	ClientSecret string `json:"oauthClientSecret"`
	IdentityID   string `json:"identityClientId"`
	Audience     string `json:"audience"`
	RequestURL   string `json:"idTokenRequestUrl"`
	RequestToken string `json:"idTokenRequestToken"`
}

// judge tries things, one after the other, and remembers whether all went well.
type judge struct {
	settings
	context.Context
	failed bool
}

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: client-v2 ACCESS.json"))
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	j := &judge{Context: ctx}
	if err := json.Unmarshal(text, &j.settings); err != nil {
		fail(err)
	}
	client := j.client(&tailscale.OAuth{ClientID: j.ClientID, ClientSecret: j.ClientSecret})
	person := j.client(nil)
	person.APIKey = j.APIKey
	j.policy(client)
	j.keys(client)
	j.devices(client)
	j.credentials(person)
	j.identity()
	if j.failed {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func (j *judge) client(auth tailscale.Auth) *tailscale.Client {
	base, err := url.Parse(j.URL)
	if err != nil {
		fail(err)
	}
	return &tailscale.Client{BaseURL: base, Auth: auth}
}

// is says how something went: with no error, or with what is wrong.
func (j *judge) is(what string, err error) bool {
	if err != nil {
		j.failed = true
		fmt.Printf("not ok: %s: %v\n", what, err)
		return false
	}
	fmt.Printf("ok: %s\n", what)
	return true
}

// wants is an error with what is wrong, when something is not as it should be.
func wants(good bool, err error, format string, values ...any) error {
	if err != nil {
		return err
	}
	if !good {
		return fmt.Errorf(format, values...)
	}
	return nil
}

// refuses wants an error of the API with a status and words.
func refuses(err error, status int, words string) error {
	told, ok := err.(tailscale.APIError)
	if !ok {
		return fmt.Errorf("%v is no error of the API", err)
	}
	if told.Status != status || !strings.Contains(told.Message, words) {
		return fmt.Errorf("refused with %d %s, not with %d %s", told.Status, told.Message, status, words)
	}
	return nil
}

// idToken asks for this job's identity, as GitHub's runner is asked.
func (j *judge) idToken() (string, error) {
	request, err := http.NewRequestWithContext(j, "GET", j.RequestURL+"&audience="+url.QueryEscape(j.Audience), nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+j.RequestToken)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var read struct {
		Value string `json:"value"`
	}
	return read.Value, json.NewDecoder(answer.Body).Decode(&read)
}
