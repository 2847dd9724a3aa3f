// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel

import (
	"net/netip"
	"slices"
	"strconv"
)

// A command is one run of ifconfig that changes an interface. It reads its words one by one; words about an address
// take effect together at the end, all others at once.
type command struct {
	m    *Model
	i    *iface
	six  bool // the family is inet6; without a family it is inet
	warn func(text string)

	alias  int  // 1 after alias, -1 after -alias, 0 before either
	given  bool // there was an address
	delete bool // an address is deleted, before one is added
	keep   bool // none is added

	addr    address    // to be added
	masked  bool       // and has an explicit mask or prefix length
	victim  netip.Addr // to be deleted; the zero Addr for the kernel's choice
	vhid    int        // 0: none was given
	changes vhidChange
}

// run does what the words say.
func (c *command) run(words []string) error {
	for len(words) > 0 {
		n, err := c.word(words[0], words[1:])
		if err != nil {
			return err
		}
		words = words[n:]
	}
	if c.vhid != 0 {
		if err := c.m.configureVHID(c.i, c.vhid, c.changes); err != nil {
			return err
		}
	}
	if err := c.deleteAddress(); err != nil {
		return err
	}
	return c.addAddress()
}

// word takes one word, with what follows it, and returns how many it took.
func (c *command) word(word string, rest []string) (int, error) {
	switch word {
	case "alias", "add":
		c.alias, c.delete = 1, false
		return 1, nil
	case "-alias", "delete", "remove":
		if c.given && c.alias == 0 {
			c.victim = c.addr.ip
		}
		c.alias, c.delete, c.keep = -1, true, true
		return 1, nil
	case "up", "down":
		c.m.setUp(c.i, word == "up")
		return 1, nil
	case "anycast", "deprecated", "prefer_source":
		c.addr.words = append(c.addr.words, word)
		return 1, nil
	case "netmask", "broadcast", "prefixlen", "pltime", "vltime", "vhid", "advskew", "advbase", "pass", "state":
		if len(rest) == 0 {
			return 0, failf("'%s' requires argument", word)
		}
		return 2, c.pair(word, rest[0])
	case "no_dad", "-no_dad", "ifdisabled", "-ifdisabled":
		if !c.m.config.WithoutNoDAD || word == "ifdisabled" || word == "-ifdisabled" {
			c.setND6(word)
			return 1, nil
		}
	}
	return 1, c.address(word)
}

// pair takes a word that has an argument.
func (c *command) pair(word, arg string) (err error) {
	switch word {
	case "netmask":
		var mask netip.Addr
		mask, err = parseInet(arg)
		c.addr.mask, c.masked = number(mask), true
	case "broadcast":
		c.addr.broadcast, err = parseInet(arg)
	case "prefixlen":
		c.addr.bits, err = prefixLength(arg)
		c.masked = true
	case "pltime":
		c.addr.pltime, err = pointer(strconv.Atoi(arg))
	case "vltime":
		c.addr.vltime, err = pointer(strconv.Atoi(arg))
	default:
		err = c.carpWord(word, arg)
	}
	return err
}

// address takes a word that is no other: the address, or after that the destination of a point-to-point link.
func (c *command) address(word string) error {
	if c.given {
		_, err := c.parse(word)
		return err
	}
	c.given = true
	if c.alias < 0 { // to be deleted. With inet6 it gets lost: ifconfig deletes what it has as the address to be added.
		ip, err := c.parse(word)
		if !c.six {
			c.victim = ip
		}
		return err
	}
	if c.alias == 0 {
		c.delete = true
	}
	return c.parsePrefix(word)
}

// deleteAddress deletes an address.
func (c *command) deleteAddress() error {
	if !c.delete {
		return nil
	}
	victim := c.victim
	if c.six && c.alias == 0 {
		victim = c.addr.ip
	}
	err := c.m.deleteAddress(c.i, c.six, victim)
	if err == errAddrNotAvail && c.alias >= 0 {
		return nil
	}
	return about("ioctl (SIOCDIFADDR)", err)
}

// addAddress adds the address.
func (c *command) addAddress() error {
	if c.keep || !c.given {
		return nil
	}
	c.addr.vhid = c.vhid
	return about("ioctl (SIOCAIFADDR)", c.m.addAddress(c.i, c.addr))
}

// about says what an error is about.
func about(what string, err error) error {
	if err == nil {
		return nil
	}
	return failf("%s: %v", what, err)
}

// setND6 sets an option of neighbour discovery, or takes it back.
func (c *command) setND6(word string) {
	if c.m.config.Unprivileged {
		c.warn("ioctl(SIOCSIFINFO_IN6): Operation not permitted")
		return
	}
	option := nd6NoDAD
	if word == "ifdisabled" || word == "-ifdisabled" {
		option = nd6IfDisabled
	}
	c.i.nd6 |= option
	if word[0] == '-' {
		c.i.nd6 &^= option
	}
}

// carpWord takes a word about a vhid. The vhid itself must come first.
func (c *command) carpWord(word, arg string) (err error) {
	if word == "vhid" {
		c.vhid, err = strconv.Atoi(arg)
		if err != nil || c.vhid <= 0 || c.vhid > 255 {
			return failure("vhid must be greater than 0 and less than 255")
		}
		return nil
	}
	if c.vhid == 0 && word == "pass" {
		return failure("passwd requires vhid")
	}
	if c.vhid == 0 {
		return failf("%s requires vhid", word)
	}
	switch word {
	case "advskew":
		c.changes.advskew, err = pointer(strconv.Atoi(arg))
	case "advbase":
		c.changes.advbase, err = pointer(strconv.Atoi(arg))
	case "pass":
		c.changes.key = &arg
	case "state":
		if !slices.Contains([]string{"init", "backup", "master"}, arg) {
			return failure("unknown state")
		}
		c.changes.state = arg
	}
	return err
}

func pointer(n int, err error) (*int, error) { return &n, err }
