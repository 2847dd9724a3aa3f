// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/netif/doctor"
)

// missing is a file whose interface is on no host.
const missing = `vrrp_instance VI_1 {
    interface nosuchlink
    virtual_router_id 41
    virtual_ipaddress {
        10.0.0.100/24
        10.0.1.100/32 dev nosuchdummy
    }
    virtual_ipaddress_excluded {
        10.0.2.100/32
        10.0.3.100/32 dev nosuchdummy
    }
}
`

func TestDoctorIsToldOfEachDevice(t *testing.T) {
	plan, err := readPlan(write(t, missing), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := netip.MustParsePrefix
	want := []doctor.Router{
		{Link: "nosuchlink", ID: 41, Device: "nosuchlink", Addresses: []netip.Prefix{p("10.0.0.100/24")}, Excluded: []netip.Prefix{p("10.0.2.100/32")}},
		{Link: "nosuchlink", ID: 41, Device: "nosuchdummy", Addresses: []netip.Prefix{p("10.0.1.100/32")}, Excluded: []netip.Prefix{p("10.0.3.100/32")}},
	}
	if diff := cmp.Diff(want, routers(plan), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDoctorNamesWhatIsMissing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the doctor is for Linux")
	}
	file := write(t, missing)
	status, out, errs := outcome("-f", file, "-doctor")
	if status != 1 || !strings.Contains(out, "nosuchlink") || !strings.Contains(errs, errUnfit.Error()) {
		t.Errorf("status %d, stdout %q, stderr %q", status, out, errs)
	}
	var findings []doctor.Finding
	status, out, _ = outcome("-f", file, "-doctor", "-json")
	if err := json.Unmarshal([]byte(out), &findings); err != nil || status != 1 || len(findings) == 0 {
		t.Errorf("status %d, %v in %q", status, err, out)
	}
}
