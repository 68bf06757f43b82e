package main

import (
	"encoding/json"
	"net/http"
)

// failure is a request that is refused, whatever the form in which a server says so.
type failure struct {
	status  int
	message string
	data    []failureData
	header  http.Header
}

type failureData struct {
	User     string   `json:"user,omitempty"`
	Errors   []string `json:"errors,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

func (f *failure) Error() string { return f.message }

func refuse(status int, message string, details ...string) *failure {
	made := &failure{status: status, message: message}
	if len(details) > 0 {
		made.data = []failureData{{Errors: details}}
	}
	return made
}

// reply is an answer as it goes out.
type reply struct {
	status int
	kind   string
	body   []byte
	header http.Header
}

const (
	jsonType    = "application/json"
	hujsonType  = "application/hujson"
	problemType = "application/problem+json"
	textType    = "text/plain; charset=utf-8"
)

func asJSON(status int, value any) *reply {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return &reply{status: status, kind: jsonType, body: body}
}

// tell puts a failure into the server's form.
func (s *server) tell(f *failure) *reply {
	body := struct {
		Message string        `json:"message"`
		Data    []failureData `json:"data,omitempty"`
		Status  int           `json:"status,omitempty"`
	}{Message: f.message, Data: f.data}
	if s.flavor == tailscale {
		answer := asJSON(f.status, body)
		answer.header = f.header
		return answer
	}
	body.Status = f.status
	answer := asJSON(f.status, body)
	answer.kind, answer.header = problemType, f.header
	return answer
}
