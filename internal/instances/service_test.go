// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"testing"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// woken is a network that counts how often its loop was asked for.
type woken struct {
	vrrp.Network
	count int
}

func (w *woken) Wake() {
	w.count++
	w.Network.Wake()
}

// TestSummaryAsksOnce: what is told up to ten times a second asks the loop one question, however many virtual routers there are.
func TestSummaryAsksOnce(t *testing.T) {
	network := &woken{Network: netiftest.New(netiftest.Config{}).Host("host").Network()}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range planOf(t, one("A", 0, 1, 100, "")+one("B", 0, 2, 100, "")+one("C", 0, 3, 100, "")).Instances {
		if _, err := router.Add(vrrp.VirtualRouterConfig{Name: in.Config.Name, Link: "eth0", Backend: noBackend{}, Config: in.Config.Config}); err != nil {
			t.Fatal(err)
		}
	}
	network.count = 0
	if got, want := summary(router), "3 virtual routers: 0 Active, 0 Backup, 3 Initialize"; got != want || network.count != 1 {
		t.Errorf("%q after %d questions, want %q after one", got, network.count, want)
	}
}
