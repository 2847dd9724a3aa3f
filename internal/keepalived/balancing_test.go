// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// decodeBalancing reads a text.
func decodeBalancing(t *testing.T, text string) (*keepalived.Balancing, error) {
	t.Helper()
	tree, err := keepalived.Parse(source(text))
	if err != nil {
		t.Fatal(err)
	}
	return keepalived.DecodeBalancing(tree)
}

// pair is the load balancer pair that every introduction has, in the old words.
const pair = `vrrp_instance VI_1 {
	state MASTER
	interface eth0
	lvs_sync_daemon_interface eth0
	virtual_router_id 10
	priority 150
	advert_int 3
	authentication {
		auth_type PASS
		auth_pass MY_PASS
	}
	virtual_ipaddress {
		10.10.10.10
	}
}
virtual_server 10.10.10.10 80 {
	delay_loop 10
	lb_algo wlc
	lb_kind DR
	persistence_timeout 5
	protocol TCP
	real_server 10.10.10.41 80 {
		weight 50
		TCP_CHECK {
			connect_timeout 3
		}
	}
	real_server 10.10.10.42 80 {
		weight 50
		TCP_CHECK {
			connect_timeout 3
		}
	}
}
`

func TestBalancingPair(t *testing.T) {
	got, err := decodeBalancing(t, pair)
	if err != nil {
		t.Fatal(err)
	}
	server := func(line int, addr string) keepalived.RealServer {
		ap := netip.MustParseAddrPort(addr)
		return keepalived.RealServer{File: "keepalived.conf", Line: line, Addr: ap, Weight: 50, Method: keepalived.DR, Checks: []keepalived.Check{{
			Kind: keepalived.CheckTCP, File: "keepalived.conf", Line: line + 2, Addr: ap, Timeout: 3 * time.Second, Interval: 10 * time.Second,
			Retries: 1, RetryDelay: time.Second, Query: "SOA", QueryName: ".", MaxReply: 255,
		}}}
	}
	want := &keepalived.Balancing{
		Sync: &keepalived.SyncDaemon{Interface: "eth0", Instance: "VI_1", ID: -1},
		Servers: []keepalived.VirtualServer{{
			Name: "10.10.10.10 80", File: "keepalived.conf", Line: 16, Endpoints: []keepalived.Endpoint{{Addr: netip.MustParseAddrPort("10.10.10.10:80")}},
			Protocol: keepalived.TCP, Scheduler: "wlc", Method: keepalived.DR, Persistence: 5 * time.Second, Quorum: 1,
			Servers: []keepalived.RealServer{server(22, "10.10.10.41:80"), server(28, "10.10.10.42:80")},
		}},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// oneServer returns a virtual server with further lines of its own, and of its real server.
func oneServer(lines, inner string) string {
	return "virtual_server 10.0.0.1 80 {\nprotocol TCP\n" + lines + "\nreal_server 10.0.0.2 80 {\n" + inner + "\n}\n}\n"
}

func check(inner string) string { return oneServer("", "TCP_CHECK {\n"+inner+"\n}") }

func httpGet(inner string) string { return oneServer("", "HTTP_GET {\nurl {\n"+inner+"\n}\n}") }

// TestBalancingValues reads single directives.
func TestBalancingValues(t *testing.T) {
	first := func(b *keepalived.Balancing) keepalived.VirtualServer { return b.Servers[0] }
	checked := func(b *keepalived.Balancing) keepalived.Check { return b.Servers[0].Servers[0].Checks[0] }
	for _, c := range []struct {
		name, text string
		holds      func(b *keepalived.Balancing) bool
	}{
		{"new words", oneServer("lvs_sched rr\nlvs_method TUN", ""), func(b *keepalived.Balancing) bool {
			return first(b).Scheduler == "rr" && first(b).Method == keepalived.TUN && first(b).Servers[0].Method == keepalived.TUN
		}},
		{"old words", oneServer("lb_algo sh\nlb_kind NAT\nsh-port", "weight 0"), func(b *keepalived.Balancing) bool {
			return first(b).Scheduler == "sh" && first(b).Method == keepalived.NAT && first(b).Servers[0].Weight == 0 && slices.Equal(first(b).Flags, []int{2})
		}},
		{"a method behind the server", "virtual_server 10.0.0.1 80 {\nreal_server 10.0.0.2 80 {\n}\nlb_kind DR\n}\n", func(b *keepalived.Balancing) bool {
			return first(b).Servers[0].Method == keepalived.DR
		}},
		{"persistence without a value", oneServer("persistence_timeout\npersistence_granularity 255.255.255.0", ""), func(b *keepalived.Balancing) bool {
			return first(b).Persistence == 6*time.Minute && first(b).PersistenceBits == 24
		}},
		{"quorum", oneServer("quorum 5\nhysteresis 2\nquorum_up \"/bin/up 1 2\"\nquorum_down /bin/down", "weight 5"), func(b *keepalived.Balancing) bool {
			v := first(b)
			return v.Quorum == 5 && v.Hysteresis == 2 && slices.Equal(v.QuorumUp.Argv, []string{"/bin/up", "1", "2"}) && slices.Equal(v.QuorumDown.Argv, []string{"/bin/down"})
		}},
		{"hysteresis above the quorum", oneServer("quorum 2\nhysteresis 2", "weight 5"), func(b *keepalived.Balancing) bool {
			return first(b).Hysteresis == 1 && len(b.Warnings) == 1 && b.Warnings[0].Kind == keepalived.Adjusted
		}},
		{"quorum above the weights", oneServer("quorum 9\nhysteresis 7", "weight 5"), func(b *keepalived.Balancing) bool {
			return first(b).Quorum == 5 && first(b).Hysteresis == 4 && len(b.Warnings) == 2
		}},
		{"no protocol", "virtual_server 10.0.0.1 80 {\n}\n", func(b *keepalived.Balancing) bool {
			return first(b).Protocol == keepalived.UDP && len(b.Warnings) == 1
		}},
		{"another port behind DR", oneServer("lvs_method DR\nreal_server 10.0.0.3 81 {\n}", ""), func(b *keepalived.Balancing) bool {
			return len(b.Warnings) == 1 && b.Warnings[0].Line == 4 && b.Warnings[0].Kind == keepalived.Adjusted
		}},
		{"sorry server", oneServer("lb_kind DR\nsorry_server 10.0.0.9 80\nsorry_server_lvs_method NAT\nsorry_server_inhibit", ""), func(b *keepalived.Balancing) bool {
			return first(b).Sorry.Addr.String() == "10.0.0.9:80" && first(b).Sorry.Method == keepalived.NAT && first(b).SorryInhibit
		}},
		{"mark", "virtual_server fwmark 7 {\nreal_server fd00::2 {\nPING_CHECK {\n}\n}\n}\n", func(b *keepalived.Balancing) bool {
			return first(b).Endpoints[0] == keepalived.Endpoint{Mark: 7, IPv6: true}
		}},
		{"IPv6", "virtual_server fd00::1 80 {\nreal_server fd00::2 8080 {\n}\n}\n", func(b *keepalived.Balancing) bool {
			return first(b).Endpoints[0].IPv6 && first(b).Servers[0].Addr.Port() == 8080
		}},
		{"all ports", "virtual_server 10.0.0.1 {\npersistence_timeout 10\nreal_server 10.0.0.2 {\n}\n}\n", func(b *keepalived.Balancing) bool {
			return first(b).Endpoints[0].Addr.Port() == 0
		}},
		{"group", "virtual_server_group g {\n10.0.0.250-10.0.1.2 80\n10.0.0.4/30 81\n10.0.0.1-3 82\nfd00::1-3 83\nfwmark 9\n}\nvirtual_server group g {\n}\n", func(b *keepalived.Balancing) bool {
			v := first(b)
			return len(v.Endpoints) == 9+4+3+3+1 && v.Endpoints[8].Addr.String() == "10.0.1.2:80" && v.Endpoints[18].Addr.String() == "[fd00::3]:83" && v.Endpoints[19].Mark == 9
		}},
		{"inherited", oneServer("alpha\ninhibit_on_failure\nconnect_timeout 2\nretry 4\ndelay_before_retry 0.5\ndelay_loop 7", "TCP_CHECK {\n}"), func(b *keepalived.Balancing) bool {
			c, r := checked(b), first(b).Servers[0]
			return r.Alpha && r.Inhibit && c.Timeout == 2*time.Second && c.Retries == 4 && c.RetryDelay == 500*time.Millisecond && c.Interval == 7*time.Second
		}},
		{"weight of all", oneServer("weight 7\nreal_server 10.0.0.3 80 {\nweight 3\n}", ""), func(b *keepalived.Balancing) bool {
			return first(b).Servers[0].Weight == 3 && first(b).Servers[1].Weight == 7 && len(b.Warnings) == 0
		}},
		{"overridden", oneServer("inhibit_on_failure\nretry 4", "inhibit_on_failure no\nretry 5\nTCP_CHECK {\nretry 6\n}"), func(b *keepalived.Balancing) bool {
			return checked(b).Retries == 6 && !first(b).Servers[0].Inhibit
		}},
		{"connection", check("connect_ip 10.0.0.3\nconnect_port 81\nbindto 10.0.0.4\nbind_port 99\nbind_if eth0\nfwmark 5"), func(b *keepalived.Balancing) bool {
			c := checked(b)
			return c.Addr.String() == "10.0.0.3:81" && c.Source.String() == "10.0.0.4:99" && c.Link == "eth0" && c.Mark == 5
		}},
		{"pages", oneServer("virtualhost a", "HTTP_GET {\nurl {\npath /x\nstatus_code 200-204 301\n}\nurl {\nvirtualhost b\ndigest 9B3A0C85A887A256D6939DA88AABD8CD\n}\n}"), func(b *keepalived.Balancing) bool {
			return cmp.Equal(checked(b).URLs, []keepalived.URL{
				{Path: "/x", Host: "a", Status: []keepalived.StatusSet{{First: 200, Last: 204}, {First: 301, Last: 301}}},
				{Path: "/", Host: "b", Digest: "9b3a0c85a887a256d6939da88aabd8cd"}}) && checked(b).RetryDelay == 3*time.Second
		}},
		{"command", oneServer("", "MISC_CHECK {\nmisc_path \"/bin/check -x 'a b'\"\nmisc_timeout 4\nmisc_dynamic\n}"), func(b *keepalived.Balancing) bool {
			c := checked(b)
			return slices.Equal(c.Command.Argv, []string{"/bin/check", "-x", "a b"}) && c.Timeout == 4*time.Second && c.Dynamic && c.Retries == 0
		}},
		{"DNS", oneServer("", "DNS_CHECK {\ntype AAAA\nname example.org\n}"), func(b *keepalived.Balancing) bool {
			return checked(b).Query == "AAAA" && checked(b).QueryName == "example.org" && checked(b).Retries == 3
		}},
		{"UDP", oneServer("", "UDP_CHECK {\npayload Ab12f 3\nrequire_reply 4X\nmin_reply_length 1\n}"), func(b *keepalived.Balancing) bool {
			c := checked(b)
			return string(c.Payload) == "\xab\x12\x0f\x03" && c.Reply && string(c.Expected) == "\x40" && string(c.Mask) == "\xf0" && c.MinReply == 1
		}},
		{"sync daemon", "global_defs {\nlvs_sync_daemon eth1 VI_1 id 3 maxlen 1400 port 8849 ttl 2 group 224.0.0.82\n}\n", func(b *keepalived.Balancing) bool {
			return *b.Sync == keepalived.SyncDaemon{Interface: "eth1", Instance: "VI_1", ID: 3, MaxLen: 1400, Port: 8849, TTL: 2, Group: netip.MustParseAddr("224.0.0.82")}
		}},
		{"unsupported check", oneServer("", "BFD_CHECK {\nname x\n}"), func(b *keepalived.Balancing) bool {
			return len(b.Warnings) == 1 && b.Warnings[0].Kind == keepalived.Unsupported
		}},
	} {
		b, err := decodeBalancing(t, c.text)
		if err != nil || !c.holds(b) {
			t.Errorf("%s: %v, %+v", c.name, err, b)
		}
	}
}

// TestBalancingErrors wants the file, the line, and what is allowed.
func TestBalancingErrors(t *testing.T) {
	for _, c := range []struct {
		text  string
		cause error
		want  string
	}{
		{"virtual_server 10.0.0.1 80 90 {\n}\n", keepalived.ErrSyntax, "keepalived.conf:1: virtual_server"},
		{"virtual_server 10.0.0.1 {\n}\n", keepalived.ErrMissing, "has no port"},
		{"virtual_server 224.0.0.1 80 {\n}\n", keepalived.ErrValue, "unicast"},
		{"virtual_server fwmark 0 {\n}\n", keepalived.ErrValue, "1 to 4294967295"},
		{"virtual_server group g {\n}\n", keepalived.ErrMissing, "no virtual_server_group"},
		{"virtual_server 10.0.0.1 0x50 {\n}\n", keepalived.ErrValue, "1 to 65535"},
		{"virtual_server_group g {\n10.0.0.9-3 80\n}\n", keepalived.ErrValue, "keepalived.conf:2: virtual_server_group"},
		{"virtual_server_group g {\n10.0.0.0/8 80\n}\n", keepalived.ErrLimit, "up to 4096"},
		{"virtual_server_group g {\n}\n", keepalived.ErrMissing, "no addresses"},
		{oneServer("", "") + oneServer("", ""), keepalived.ErrConflict, "keepalived.conf:8: virtual_server"},
		{oneServer("lvs_sched best", ""), keepalived.ErrValue, "rr, wrr"},
		{oneServer("lb_kind BRIDGE", ""), keepalived.ErrValue, "NAT, DR or TUN"},
		{oneServer("protocol ICMP", ""), keepalived.ErrValue, "TCP, UDP, SCTP"},
		{oneServer("ops", ""), keepalived.ErrConflict, "protocol UDP"},
		{oneServer("quorum 0", ""), keepalived.ErrValue, "keepalived.conf:3: quorum"},
		{oneServer("persistence_granularity 255.0.255.0", ""), keepalived.ErrValue, "netmask"},
		{oneServer("colour red", ""), keepalived.ErrUnknown, "colour"},
		{oneServer("real_server 10.0.0.2 80 {\n}", ""), keepalived.ErrConflict, "already"},
		{oneServer("real_server fd00::2 80 {\n}", ""), keepalived.ErrConflict, "another address family"},
		{oneServer("sorry_server fd00::2 80", ""), keepalived.ErrConflict, "another address family"},
		{oneServer("", "weight 65536"), keepalived.ErrValue, "keepalived.conf:5: weight"},
		{oneServer("", "HTTP_GET {\n}"), keepalived.ErrMissing, "no url"},
		{oneServer("", "MISC_CHECK {\n}"), keepalived.ErrMissing, "no misc_path"},
		{oneServer("", "UDP_CHECK {\npayload zz\n}"), keepalived.ErrValue, "hexadecimal"},
		{httpGet("digest 12"), keepalived.ErrValue, "genhash"},
		{httpGet("status_code 99"), keepalived.ErrValue, "100 to 999"},
		{check("connect_port 0"), keepalived.ErrValue, "1 to 65535"},
		{"global_defs {\nlvs_sync_daemon\n}\n", keepalived.ErrMissing, "keepalived.conf:2"},
		{"global_defs {\nlvs_sync_daemon eth0 A id\n}\n", keepalived.ErrSyntax, "inst, id"},
		{"global_defs {\nlvs_sync_daemon eth0\nlvs_sync_daemon eth1\n}\n", keepalived.ErrConflict, "keepalived.conf:3"},
	} {
		b, err := decodeBalancing(t, c.text)
		if !errors.Is(err, c.cause) || !strings.Contains(err.Error(), c.want) || len(b.Servers) > 0 {
			t.Errorf("%q: %v, want %v with %q", c.text, err, c.cause, c.want)
		}
	}
}

// FuzzBalancing wants no text to do harm.
func FuzzBalancing(f *testing.F) {
	f.Add(pair)
	f.Add("virtual_server_group g {\n10.0.0.250-10.0.1.2 80\nfwmark 9 inet6\n}\nvirtual_server group g {\n}\n")
	f.Add(oneServer("quorum_up \"/bin/up 'a\"", "UDP_CHECK {\npayload Ab12f 3\n}\nHTTP_GET {\nurl {\nstatus_code 200-204\n}\n}"))
	f.Add("virtual_server_group g {\nffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/120 80\n}\n")
	f.Add(mailFile("smtp_alert_checker off"))
	f.Add("track_file f {\nfile /f\n}\n" + oneServer("", "FILE_CHECK {\ntrack_file f\nweight 3\n}\nHTTP_GET {\nurl {\nregex \"^(a|b)$\"\nregex_options multiline\n}\n}"))
	f.Fuzz(func(t *testing.T, text string) {
		tree, _ := keepalived.Parse(source(text)) // there may be something in spite of errors
		b, err := keepalived.DecodeBalancing(tree)
		for _, v := range b.Servers {
			if len(v.Endpoints) == 0 || len(v.Endpoints) > 4096*4 || v.Quorum <= v.Hysteresis || err != nil {
				t.Errorf("%+v, %v", v, err)
			}
		}
	})
}
