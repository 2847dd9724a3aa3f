// SPDX-License-Identifier: Apache-2.0

package httpcheck_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-fhrp/fhrp/netif/check/httpcheck"
)

func ExampleGet() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()

	err := httpcheck.Get(server.URL)(context.Background())
	fmt.Println(errors.Is(err, httpcheck.ErrStatus))
	// Output: true
}
