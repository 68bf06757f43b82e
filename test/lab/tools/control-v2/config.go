package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// flavor is whose v2 API a server speaks.
type flavor string

const (
	tailscale   flavor = "tailscale"
	headscale30 flavor = "headscale"
)

type config struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	// Authority is a PEM file of roots for the Headscale behind and for issuers.
	Authority string `json:"authority"`
	// Headscale is the real one.
	Headscale struct {
		URL    string `json:"url"`
		APIKey string `json:"apiKey"`
	} `json:"headscale"`
	// Domain follows the names of devices.
	Domain  string `json:"domain"`
	Servers []struct {
		Listen string `json:"listen"`
		Flavor flavor `json:"flavor"`
	} `json:"servers"`
	APIKeys     []string     `json:"apiKeys"`
	Credentials []credential `json:"credentials"`
	Issuer      issuerConfig `json:"issuer"`
	// Exchanges is a file that every request to the API and its reply are added to, without what is secret.
	Exchanges string `json:"exchanges"`
}

func readConfig(path string) (config, error) {
	var read config
	text, err := os.ReadFile(path)
	if err != nil {
		return read, err
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return read, fmt.Errorf("%s: %w", path, err)
	}
	for _, entry := range read.Servers {
		if entry.Flavor != tailscale && entry.Flavor != headscale30 {
			return read, fmt.Errorf("%s: no flavor %q", path, entry.Flavor)
		}
	}
	return read, nil
}
