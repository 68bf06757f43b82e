package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/tailscale/hujson"
)

func getPolicy(c *call) (*reply, error) {
	text, err := c.policies.read(c.Context(), c.flavor)
	if err != nil {
		return nil, err
	}
	if c.flavor == tailscale && c.URL.Query().Get("details") == "true" {
		return asJSON(http.StatusOK, map[string]any{
			"acl": base64.StdEncoding.EncodeToString([]byte(text)), "warnings": nil, "errors": nil,
		}), nil
	}
	return c.policyReply(text), nil
}

// policyReply: Tailscale answers in the form that is asked for. Headscale changes only what it calls the form.
func (c *call) policyReply(text string) *reply {
	body := []byte(text)
	kind := hujsonType
	accept := c.Header.Get("Accept")
	asked := strings.Contains(accept, jsonType) && !strings.Contains(accept, hujsonType)
	if c.flavor == headscale30 && !strings.Contains(accept, hujsonType) {
		kind = jsonType
	} else if asked {
		kind = jsonType
		if plain, err := hujson.Minimize(body); err == nil {
			body = plain
		}
	}
	return &reply{status: http.StatusOK, kind: kind, body: body, header: http.Header{"Etag": {etag(c.flavor, text)}}}
}

// holds answers the condition of a write, with nothing to fulfil where the client sent none.
func (c *call) holds(current string) bool {
	condition := c.Header.Get("If-Match")
	isDefault := current == defaultPolicies[c.flavor]
	switch {
	case condition == "", condition == etag(c.flavor, current):
		return true
	case condition == `"ts-default"`, condition == "ts-default" && c.flavor == headscale30:
		return isDefault
	default:
		return condition == "*"
	}
}

func setPolicy(c *call) (*reply, error) {
	text := string(c.body)
	if text == "" {
		if c.flavor == headscale30 {
			return nil, refuse(http.StatusBadRequest, "request body is required")
		}
		text = defaultPolicies[tailscale]
	}
	if err := c.readable(text); err != nil {
		return nil, err
	}
	if c.flavor == headscale30 {
		blanked, err := blankComments(text)
		if err != nil {
			return nil, err
		}
		text = blanked
	}
	err := c.policies.write(c.Context(), c.flavor, text, c.holds)
	if errors.Is(err, errChanged) {
		return nil, outdated()
	}
	if err != nil {
		return nil, c.verdict(err)
	}
	return c.policyReply(text), nil
}

func outdated() *failure {
	return refuse(http.StatusPreconditionFailed, "precondition failed, invalid old hash")
}

var place = regexp.MustCompile(`^hujson: (line \d+, column \d+: .*)$`)

// readable refuses what is no policy at all.
func (c *call) readable(text string) error {
	tree, err := hujson.Parse([]byte(text))
	if err != nil {
		if c.flavor == headscale30 {
			return refuse(http.StatusBadRequest, "setting policy", "parsing policy: parsing HuJSON: "+err.Error())
		}
		return refuse(http.StatusBadRequest, place.ReplaceAllString(err.Error(), "$1"))
	}
	_, isObject := tree.Value.(*hujson.Object)
	// Headscale takes this one, and lets everything through.
	isNull := c.flavor == headscale30 && tree.Value.Kind() == 'n'
	if !isObject && !isNull {
		if c.flavor == headscale30 {
			return refuse(http.StatusBadRequest, "setting policy", "parsing policy: it is no object")
		}
		return refuse(http.StatusBadRequest, "a policy is an object")
	}
	return nil
}

// verdict puts what Headscale says about a policy into the words of the server.
func (c *call) verdict(err error) error {
	var told *backendError
	if !errors.As(err, &told) {
		return err
	}
	message := strings.TrimPrefix(told.message, "setting policy: ")
	if c.flavor == headscale30 {
		return refuse(http.StatusBadRequest, "setting policy", message)
	}
	if data := testFailures(message); data != nil {
		return &failure{status: http.StatusBadRequest, message: "test(s) failed", data: data}
	}
	return refuse(http.StatusBadRequest, strings.TrimPrefix(message, "parsing policy: "))
}

// validatePolicy runs tests against the policy in force when it gets a list, else checks a policy with its own tests.
// Whatever came of it, a question that could be understood is answered 200.
func validatePolicy(c *call) (*reply, error) {
	text := string(c.body)
	if tree, err := hujson.Parse(c.body); err == nil {
		if _, isList := tree.Value.(*hujson.Array); isList {
			current, err := c.policies.read(c.Context(), c.flavor)
			if err != nil {
				return nil, err
			}
			if text, err = withTests(current, c.body); err != nil {
				return nil, refuse(http.StatusBadRequest, err.Error())
			}
		}
	}
	if err := c.readable(text); err != nil {
		return nil, err
	}
	translated, err := translate(text)
	if err != nil {
		return nil, err
	}
	if err := c.backend.checkPolicy(c.Context(), translated); err != nil {
		var told *failure
		if err = c.verdict(err); errors.As(err, &told) && told.data != nil {
			return c.tell(&failure{status: http.StatusOK, message: told.message, data: told.data}), nil
		}
		return nil, err
	}
	return asJSON(http.StatusOK, struct{}{}), nil
}

// withTests answers a policy with these tests in place of its own.
func withTests(policy string, tests []byte) (string, error) {
	plain, err := hujson.Standardize([]byte(policy))
	if err != nil {
		return "", err
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(plain, &members); err != nil {
		return "", err
	}
	for name := range members {
		if strings.EqualFold(name, "tests") {
			delete(members, name)
		}
	}
	if members["tests"], err = hujson.Standardize(tests); err != nil {
		return "", err
	}
	made, err := json.Marshal(members)
	return string(made), err
}

var testLine = regexp.MustCompile(`^(\S+) -> (\S+?)(?: \(\w+\))?: expected (\w+), got (\w+)$`)

// testFailures answers Headscale's words for failed tests as Tailscale tells them, one entry for each source; nil for words
// about something else.
func testFailures(message string) []failureData {
	_, lines, ok := strings.Cut(message, "test(s) failed")
	if !ok {
		return nil
	}
	word := map[string]string{"ALLOWED": "Accept", "DENIED": "Drop"}
	var data []failureData
	add := func(user, told string) {
		for at := range data {
			if data[at].User == user {
				data[at].Errors = append(data[at].Errors, told)
				return
			}
		}
		data = append(data, failureData{User: user, Errors: []string{told}})
	}
	for _, line := range strings.Split(strings.TrimPrefix(lines, ":"), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if parts := testLine.FindStringSubmatch(line); parts != nil {
			add(parts[1], `address "`+parts[2]+`": want: `+firstOf(word[parts[3]], parts[3])+", got: "+firstOf(word[parts[4]], parts[4]))
		} else {
			add("", line)
		}
	}
	if data == nil {
		data = []failureData{{Errors: []string{message}}}
	}
	return data
}
