package main

import (
	"encoding/json"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
)

// recorder writes down what was exchanged, a line each, for those who hold it against Tailscale's own document. Credentials
// and keys are left out, and the token endpoints with them.
type recorder struct {
	mu   sync.Mutex
	file *os.File
}

func newRecorder(path string) (*recorder, error) {
	if path == "" {
		return &recorder{}, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return &recorder{file: file}, err
}

type exchange struct {
	Flavor  flavor            `json:"flavor"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Reply   exchangeReply     `json:"reply"`
}

type exchangeReply struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
	Type   string `json:"type,omitempty"`
}

func (r *recorder) add(flavor flavor, request *http.Request, body []byte, answer *reply) {
	if r.file == nil || strings.Contains(request.URL.Path, "/oauth/") {
		return
	}
	headers := map[string]string{}
	for _, name := range []string{"Content-Type", "Accept", "If-Match", "User-Agent"} {
		if value := request.Header.Get(name); value != "" {
			headers[strings.ToLower(name)] = value
		}
	}
	kind, _, _ := mime.ParseMediaType(answer.kind)
	line, err := json.Marshal(exchange{
		Flavor: flavor, Method: request.Method, Path: request.URL.RequestURI(), Headers: headers, Body: string(body),
		Reply: exchangeReply{Status: answer.status, Body: string(withoutKey(answer.body)), Type: kind},
	})
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.file.Write(append(line, '\n'))
}

// withoutKey hides the text of a key that was made.
func withoutKey(body []byte) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members["key"] == nil {
		return body
	}
	members["key"] = json.RawMessage(`"hidden"`)
	hidden, err := json.Marshal(members)
	if err != nil {
		return nil
	}
	return hidden
}
