// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

func (h *Host) drop(protocol uint8, d Direction) error {
	err := h.do(func() error { return filter(dropRule(protocol, d)) })
	if errors.Is(err, unix.EPROTONOSUPPORT) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EAFNOSUPPORT) {
		err = fmt.Errorf("%w: %w", errors.ErrUnsupported, err) // no such subsystem, no such family or no such expression
	}
	if err != nil {
		return fmt.Errorf("netlab: host %s: packet filter: %w", h.name, err)
	}
	return nil
}

func (h *Host) undrop() error {
	err := h.do(func() error {
		return filter(slices.Concat(batch(unix.NLMSG_MIN_TYPE),
			nft(unix.NFT_MSG_DELTABLE, unix.NLM_F_REQUEST|unix.NLM_F_ACK, unix.NFPROTO_INET, 0, attribute(unix.NFTA_TABLE_NAME, tableName())),
			batch(unix.NLMSG_MIN_TYPE+1)))
	})
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EPROTONOSUPPORT) {
		return nil // nothing was dropped
	}
	if err != nil {
		return fmt.Errorf("netlab: host %s: packet filter: %w", h.name, err)
	}
	return nil
}

// hook returns where packets of a direction pass.
func (d Direction) hook() uint32 {
	if d == Outgoing {
		return unix.NF_INET_LOCAL_OUT
	}
	return unix.NF_INET_LOCAL_IN
}

// chain returns the name of the chain for a direction.
func (d Direction) chain() []byte { return []byte{'c', '0' + byte(d), 0} }

// filter has the packet filter of the thread's namespace do something, and returns its answer.
func filter(messages []byte) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, messages, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	b := make([]byte, 1<<16)
	n, _, err := unix.Recvfrom(fd, b, 0)
	if err != nil {
		return err
	}
	if code := int32(binary.NativeEndian.Uint32(b[16:])); n < 20 || code != 0 {
		return unix.Errno(-code)
	}
	return nil
}

func tableName() []byte { return []byte("t\x00") }

// dropRule returns the messages that make a table, a chain and a rule: what nft(8) does as "meta l4proto 112
// drop" (linux/netfilter/nf_tables.h).
func dropRule(protocol uint8, d Direction) []byte {
	const (
		create            = unix.NLM_F_REQUEST | unix.NLM_F_CREATE
		verdict, register = 0, 1
		protocolKey, drop = 16, 0 // NFT_META_L4PROTO, NF_DROP
	)
	name := tableName()
	expr := func(kind string, data ...[]byte) []byte {
		return attribute(unix.NFTA_LIST_ELEM, attribute(unix.NFTA_EXPR_NAME, []byte(kind+"\x00")), attribute(unix.NFTA_EXPR_DATA, data...))
	}
	return slices.Concat(
		batch(unix.NLMSG_MIN_TYPE),
		nft(unix.NFT_MSG_NEWTABLE, create, unix.NFPROTO_INET, 0, attribute(unix.NFTA_TABLE_NAME, name)),
		nft(unix.NFT_MSG_NEWCHAIN, create, unix.NFPROTO_INET, 0,
			attribute(unix.NFTA_CHAIN_TABLE, name), attribute(unix.NFTA_CHAIN_NAME, d.chain()), attribute(unix.NFTA_CHAIN_TYPE, []byte("filter\x00")),
			attribute(unix.NFTA_CHAIN_HOOK, attribute(unix.NFTA_HOOK_HOOKNUM, be32(d.hook())), attribute(unix.NFTA_HOOK_PRIORITY, be32(0)))),
		nft(unix.NFT_MSG_NEWRULE, create|unix.NLM_F_ACK, unix.NFPROTO_INET, 0,
			attribute(unix.NFTA_RULE_TABLE, name), attribute(unix.NFTA_RULE_CHAIN, d.chain()),
			attribute(unix.NFTA_RULE_EXPRESSIONS,
				expr("meta", attribute(unix.NFTA_META_KEY, be32(protocolKey)), attribute(unix.NFTA_META_DREG, be32(register))),
				expr("cmp", attribute(unix.NFTA_CMP_SREG, be32(register)), attribute(unix.NFTA_CMP_OP, be32(unix.NFT_CMP_EQ)),
					attribute(unix.NFTA_CMP_DATA, attribute(unix.NFTA_DATA_VALUE, []byte{protocol}))),
				expr("immediate", attribute(unix.NFTA_IMMEDIATE_DREG, be32(verdict)),
					attribute(unix.NFTA_IMMEDIATE_DATA, attribute(unix.NFTA_DATA_VERDICT, attribute(unix.NFTA_VERDICT_CODE, be32(drop))))))),
		batch(unix.NLMSG_MIN_TYPE+1),
	)
}

// batch returns the message that begins or ends a batch of messages.
func batch(typ uint16) []byte {
	return message(typ, unix.NLM_F_REQUEST, unix.AF_UNSPEC, unix.NFNL_SUBSYS_NFTABLES)
}

// nft returns a message of nf_tables.
func nft(typ, flags uint16, family uint8, resource uint16, attrs ...[]byte) []byte {
	return message(typ|unix.NFNL_SUBSYS_NFTABLES<<8, flags, family, resource, attrs...)
}

// message returns a message of the netfilter subsystem.
func message(typ, flags uint16, family uint8, resource uint16, attrs ...[]byte) []byte {
	body := slices.Concat([]byte{family, 0}, binary.BigEndian.AppendUint16(nil, resource), bytes.Join(attrs, nil))
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.NLMSG_HDRLEN+len(body)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, 1) // sequence
	b = binary.NativeEndian.AppendUint32(b, 0) // port
	return append(b, body...)
}

// attribute returns an attribute.
func attribute(typ uint16, value ...[]byte) []byte {
	joined := bytes.Join(value, nil)
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(joined)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, joined...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

// be32 returns a number in network byte order.
func be32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
