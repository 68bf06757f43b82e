// Command control-v2 is a control server that speaks the v2 API, as Tailscale does or as Headscale 0.30 does, in front of a
// real Headscale 0.29. Policy, keys and devices are that server's; what is not the API's goes through to it, so that nodes
// log in here as well. Beside it runs an issuer of ID tokens such as GitHub's.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	path := flag.String("config", "", "configuration, a JSON file")
	flag.Parse()
	config, err := readConfig(*path)
	if err == nil {
		err = run(config)
	}
	log.Fatal(err)
}

func run(config config) error {
	roots, err := readRoots(config.Authority)
	if err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(config.Certificate, config.Key)
	if err != nil {
		return err
	}
	core, err := newCore(config, roots)
	if err != nil {
		return err
	}
	issuer, err := newIssuer(config.Issuer)
	if err != nil {
		return err
	}
	failed := make(chan error)
	listen := func(address string, secure bool, handler http.Handler) error {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
		go func() {
			if secure {
				server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
				failed <- server.ServeTLS(listener, "", "")
			} else {
				failed <- server.Serve(listener)
			}
		}()
		return nil
	}
	doors := issuer.handler(&switches{limiter: core.limiter, credentials: core.credentials, policies: core.policies, token: config.Issuer.RequestToken})
	if err := errors.Join(listen(config.Issuer.Listen, true, doors), listen(config.Issuer.ListenPlain, false, doors)); err != nil {
		return err
	}
	for _, entry := range config.Servers {
		if err := listen(entry.Listen, true, newServer(core, entry.Flavor)); err != nil {
			return err
		}
	}
	return <-failed
}

// readRoots answers the machine's own roots and those of a PEM file.
func readRoots(path string) (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if path == "" {
		return roots, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return roots, nil
}
