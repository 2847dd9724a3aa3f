// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// Numbers of linux/netfilter/nf_tables.h.
const (
	nfTablesNewTable = unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_NEWTABLE
	nfTablesDelTable = unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_DELTABLE
	nfTablesNewChain = unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_NEWCHAIN
	nfTablesNewRule  = unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_NEWRULE
)

// nfMessage returns a message of nfnetlink about the family inet.
func nfMessage(typ, flags int, attrs ...*nl.RtAttr) []byte {
	req := nl.NewNetlinkRequest(typ, flags)
	header := nl.Nfgenmsg{NfgenFamily: unix.NFPROTO_INET}
	if typ == unix.NFNL_MSG_BATCH_BEGIN || typ == unix.NFNL_MSG_BATCH_END {
		header = nl.Nfgenmsg{ResId: nl.Swap16(unix.NFNL_SUBSYS_NFTABLES)}
	}
	req.AddData(&header)
	for _, a := range attrs {
		req.AddData(a)
	}
	return req.Serialize()
}

// nfText and nfNumber return attributes.
func nfText(typ int, s string) *nl.RtAttr { return nl.NewRtAttr(typ, nl.ZeroTerminated(s)) }
func nfNumber(typ int, v uint32) *nl.RtAttr {
	return nl.NewRtAttr(typ, []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

// nfNest returns an attribute that is made of others.
func nfNest(typ int, attrs ...*nl.RtAttr) *nl.RtAttr {
	a := nl.NewRtAttr(typ|unix.NLA_F_NESTED, nil)
	for _, child := range attrs {
		a.AddChild(child)
	}
	return a
}

// nfExpression returns an element of the list of what a rule does.
func nfExpression(name string, attrs ...*nl.RtAttr) *nl.RtAttr {
	return nfNest(unix.NFTA_LIST_ELEM, nfText(unix.NFTA_EXPR_NAME, name), nfNest(unix.NFTA_EXPR_DATA, attrs...))
}

// nfCommit has the kernel take some messages, all or none, in the namespace of the calling thread.
func nfCommit(messages ...[]byte) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	batch := bytes.Join([][]byte{nfMessage(unix.NFNL_MSG_BATCH_BEGIN, 0), bytes.Join(messages, nil), nfMessage(unix.NFNL_MSG_BATCH_END, 0)}, nil)
	if err := unix.Sendto(fd, batch, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	b := make([]byte, 4096)
	n, _, err := unix.Recvfrom(fd, b, 0)
	if err != nil {
		return err
	}
	if n < 20 {
		return errors.New("short answer")
	}
	if code := int32(nl.NativeEndian().Uint32(b[16:])); code < 0 {
		return unix.Errno(-code)
	}
	return nil
}

const nfTable = "test"

// refuse has the packet filter of the calling thread's namespace refuse what is sent: one packet in every so many.
func refuse(one uint32) error {
	table := nfText(unix.NFTA_TABLE_NAME, nfTable)
	chain := nfMessage(nfTablesNewChain, unix.NLM_F_CREATE, nfText(unix.NFTA_CHAIN_TABLE, nfTable), nfText(unix.NFTA_CHAIN_NAME, "out"),
		nfNest(unix.NFTA_CHAIN_HOOK, nfNumber(unix.NFTA_HOOK_HOOKNUM, unix.NF_INET_LOCAL_OUT), nfNumber(unix.NFTA_HOOK_PRIORITY, 0)),
		nfText(unix.NFTA_CHAIN_TYPE, "filter"))
	rule := nfMessage(nfTablesNewRule, unix.NLM_F_CREATE|unix.NLM_F_ACK, nfText(unix.NFTA_RULE_TABLE, nfTable), nfText(unix.NFTA_RULE_CHAIN, "out"),
		nfNest(unix.NFTA_RULE_EXPRESSIONS,
			nfExpression("payload", nfNumber(unix.NFTA_PAYLOAD_DREG, unix.NFT_REG_1), nfNumber(unix.NFTA_PAYLOAD_BASE, unix.NFT_PAYLOAD_NETWORK_HEADER),
				nfNumber(unix.NFTA_PAYLOAD_OFFSET, 9), nfNumber(unix.NFTA_PAYLOAD_LEN, 1)),
			nfExpression("cmp", nfNumber(unix.NFTA_CMP_SREG, unix.NFT_REG_1), nfNumber(unix.NFTA_CMP_OP, unix.NFT_CMP_EQ),
				nfNest(unix.NFTA_CMP_DATA, nl.NewRtAttr(unix.NFTA_DATA_VALUE, []byte{112}))),
			nfExpression("numgen", nfNumber(unix.NFTA_NG_DREG, unix.NFT_REG_1), nfNumber(unix.NFTA_NG_MODULUS, one), nfNumber(unix.NFTA_NG_TYPE, 0)),
			nfExpression("cmp", nfNumber(unix.NFTA_CMP_SREG, unix.NFT_REG_1), nfNumber(unix.NFTA_CMP_OP, unix.NFT_CMP_EQ),
				nfNest(unix.NFTA_CMP_DATA, nl.NewRtAttr(unix.NFTA_DATA_VALUE, []byte{0, 0, 0, 0}))),
			nfExpression("immediate", nfNumber(unix.NFTA_IMMEDIATE_DREG, unix.NFT_REG_VERDICT),
				nfNest(unix.NFTA_IMMEDIATE_DATA, nfNest(unix.NFTA_DATA_VERDICT, nfNumber(unix.NFTA_VERDICT_CODE, 0))))))
	return nfCommit(nfMessage(nfTablesNewTable, unix.NLM_F_CREATE, table), chain, rule)
}

// allow takes that back.
func allow() error {
	return nfCommit(nfMessage(nfTablesDelTable, unix.NLM_F_ACK, nfText(unix.NFTA_TABLE_NAME, nfTable)))
}

// TestFieldReport33RefusedByThePacketFilter has the packet filter refuse everything, then every second packet, then
// nothing. What comes from a virtual MAC does not pass by it.
func TestFieldReport33RefusedByThePacketFilter(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	port := n1.attach(t, "eth0", group4)
	n2.attach(t, "eth0", group4)
	err := n1.host.Do(func() error { return refuse(1) })
	if errors.Is(err, unix.EPROTONOSUPPORT) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EOPNOTSUPP) {
		t.Skipf("the kernel has no packet filter: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	n1.send(port, group4, "refused")
	n1.await(t, "error", func() bool { return len(n1.errs) == 1 && errors.Is(n1.errs[0], os.ErrPermission) })
	if got := n1.net.Stats(); got != (netif.Stats{Unsent: 1}) {
		t.Errorf("stats %+v", got)
	}
	n1.sendAs(port, vmac(group4), group4, "virtual")
	n2.awaitPacket(t, "virtual")

	within(t, n1.host, allow)
	within(t, n1.host, func() error { return refuse(2) })
	for range 10 { // the first of each pair of tries is refused
		n1.send(port, group4, "second try")
	}
	n2.await(t, "packets", func() bool { return len(n2.packets) == 11 })
	n1.do(func() {}) // after the turn that sent the last one
	if got := n1.net.Stats(); got != (netif.Stats{Unsent: 1, Resent: 10}) {
		t.Errorf("stats %+v", got)
	}
	within(t, n1.host, allow)
	n1.send(port, group4, "allowed")
	n2.awaitPacket(t, "allowed")
	if errs := n1.failures(); len(errs) != 1 {
		t.Errorf("errors %v", errs)
	}
}

// TestFieldReport33NoRoom has a queue of the link that takes a few packets only, of which the rest is reported.
func TestFieldReport33NoRoom(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	port := n1.attach(t, "eth0", group4)
	n2.attach(t, "eth0", group4)
	src, mac := n1.addr(port), vmac(group4)
	err := n1.host.Do(func() error {
		return netlink.QdiscAdd(&netlink.Tbf{
			QdiscAttrs: netlink.QdiscAttrs{LinkIndex: eth("eth0").Attrs().Index, Parent: netlink.HANDLE_ROOT},
			Rate:       1000, Limit: 2000, Buffer: 1 << 25, // of 64 ns each, in which 2147 octets go out
		})
	})
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EOPNOTSUPP) {
		t.Skipf("the kernel has no such queue: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	const count = 200
	n1.do(func() {
		for range count {
			n1.net.Queue(port, mac, src, group4, make([]byte, 100))
		}
	})
	n1.await(t, "errors", func() bool { return len(n1.errs) > count/2 })
	for _, err := range n1.failures() {
		if !errors.Is(err, unix.ENOBUFS) {
			t.Fatal(err)
		}
	}
	n2.await(t, "packet", func() bool { return len(n2.packets) > 0 })
}
