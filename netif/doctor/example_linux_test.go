// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/go-fhrp/fhrp/netif/doctor"
)

func ExampleDiagnose() {
	findings, err := doctor.Diagnose(context.Background(), doctor.Config{
		Routers: []doctor.Router{
			{Link: "absent0", ID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/32")}},
		},
	})
	for _, f := range findings {
		if f.Severity == doctor.Error && f.Link != "" {
			fmt.Println(f)
		}
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// error: absent0: link-missing: there is no such link: nothing runs on it until there is [fix: correct the name, or make the link]
}
