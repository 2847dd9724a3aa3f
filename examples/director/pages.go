// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

const (
	maxBody   = 16 << 20 // octets that are read of a page
	maxHeader = 64 << 10
)

// pagesProbe asks for pages, one after the other. Certificates are not checked, as keepalived doesn't: the servers of a
// pool have the name of the service, if one at all.
func pagesProbe(c keepalived.Check) func(context.Context) error {
	scheme := "http"
	if c.Kind == keepalived.CheckSSL {
		scheme = "https"
	}
	return func(ctx context.Context) error {
		for _, u := range c.URLs {
			if err := pageProbe(ctx, c, u, scheme); err != nil {
				return fmt.Errorf("%s: %w", u.Path, err)
			}
		}
		return nil
	}
}

// pageProbe asks for one page.
func pageProbe(ctx context.Context, c keepalived.Check, u keepalived.URL, scheme string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+c.Addr.String()+u.Path, nil)
	if err != nil {
		return err
	}
	request.Host = u.Host
	if u.Host == "" {
		request.Host = c.Addr.String()
	}
	encrypted := &tls.Config{InsecureSkipVerify: true}
	if c.SNI {
		encrypted.ServerName = u.Host
	}
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader, TLSClientConfig: encrypted,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer(c, "tcp").DialContext(ctx, network, c.Addr.String())
		},
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return judge(u, response)
}

// judge looks at a page.
func judge(u keepalived.URL, response *http.Response) error {
	fits := func(s keepalived.StatusSet) bool {
		return s.First <= response.StatusCode && response.StatusCode <= s.Last
	}
	if len(u.Status) > 0 && !slices.ContainsFunc(u.Status, fits) {
		return fmt.Errorf("status %d: %w", response.StatusCode, errDifferent)
	}
	if u.Digest == "" && u.Regex.Expr == "" {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return err
	}
	if sum := md5.Sum(body); u.Digest != "" && hex.EncodeToString(sum[:]) != u.Digest {
		return fmt.Errorf("digest %x: %w", sum, errDifferent)
	}
	return search(u.Regex, body)
}

// search looks for a pattern in a page.
func search(p keepalived.Pattern, body []byte) error {
	if p.Expr == "" {
		return nil
	}
	expr, err := regexp.Compile(p.Expr)
	if err != nil {
		return err
	}
	found := false
	if p.Min <= len(body) {
		at := expr.FindIndex(body[p.Min:])
		found = at != nil && (p.Max < 0 || p.Min+at[0] <= p.Max)
	}
	switch {
	case found && p.Without:
		return fmt.Errorf("the page has the pattern: %w", errDifferent)
	case !found && !p.Without:
		return fmt.Errorf("the page does not have the pattern: %w", errDifferent)
	}
	return nil
}
