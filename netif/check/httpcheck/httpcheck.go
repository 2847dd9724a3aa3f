// SPDX-License-Identifier: Apache-2.0

// Package httpcheck has the check, see package check, that a web server answers. It is a package of its own because a
// client for HTTP makes a program nearly 2 MB larger.
package httpcheck

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ErrStatus is what the error of a check by [Get] matches if the status is not one from 200 to 399.
var ErrStatus = errors.New("status")

// maxHeader is how much of a header is read, in octets.
const maxHeader = 64 << 10

// Get returns a check that a server answers a GET of the URL with a status from 200 to 399. Redirections are not followed,
// and bodies not read. Each call makes a connection of its own, to the server itself: there are no proxies. The certificate
// of an https URL must be valid.
//
// The error matches [ErrStatus], or is that of [http.Client.Do], without the password of the URL. The check is safe for
// concurrent use. It ends when its context does; without a deadline it waits for as long as the server does.
func Get(url string) func(context.Context) error {
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return errors.New("httpcheck: the URL can't be parsed") // err has it, and it may have a password
		}
		response, err := client.Do(request)
		if err != nil {
			return fmt.Errorf("httpcheck: %w", err)
		}
		defer response.Body.Close()
		if response.StatusCode < 200 || response.StatusCode > 399 {
			return fmt.Errorf("httpcheck: %s: %w %d", request.URL.Redacted(), ErrStatus, response.StatusCode)
		}
		return nil
	}
}
