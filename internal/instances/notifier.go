// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// The states as the commands of notify are told them.
const (
	saysMaster  = "MASTER"
	saysBackup  = "BACKUP"
	saysFault   = "FAULT"
	saysStop    = "STOP"
	saysDeleted = "DELETED"
)

const (
	maxNotices = 32               // that wait, for one instance
	noticeTime = 60 * time.Second // for each command
	lastTime   = 5 * time.Second  // for all that is left at the end
)

// notifier runs the commands of notify. Those of one instance or group run one after the other, in the order of its changes
// of state; those of several run side by side. Nothing waits for them before the end.
type notifier struct {
	log     *slog.Logger
	running sync.WaitGroup

	mu      sync.Mutex
	desks   map[deskKey]*desk
	leaving map[*vrrp.VirtualRouter]string // what is said when it stops
	fifos   fifos
	left    bool // another process goes on, or is about to: nobody stops
}

// deskKey says who a desk is for.
type deskKey struct {
	kind string // INSTANCE or GROUP
	name string
}

// desk has what is to be run for one instance or group.
type desk struct {
	deskKey
	notify keepalived.Notify
	last   string // state that was said last
	prio   uint8  // priority that was said last
	gone   bool   // it was deleted
	queue  []notice
	busy   bool
}

// notice is a change of state.
type notice struct {
	state    string
	commands []keepalived.Command
}

func newNotifier(log *slog.Logger) *notifier {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &notifier{log: log, desks: map[deskKey]*desk{}, leaving: map[*vrrp.VirtualRouter]string{}, fifos: fifos{log: log}}
}

// tellTo says which pipes are told of changes of state, besides the commands that are run.
func (n *notifier) tellTo(list []keepalived.FIFO) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fifos.set(list)
}

// set says what is run for an instance or a group. One of thousands for which nothing ever was has no desk.
func (n *notifier) set(kind, name string, notify keepalived.Notify) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := deskKey{kind, name}
	if n.desks[key] == nil {
		if notify.IsZero() && !notify.SaysDeleted && !n.fifos.wanted {
			return
		}
		n.desks[key] = &desk{deskKey: key}
	}
	n.desks[key].notify, n.desks[key].gone = notify, false
}

// know says which priority an instance has that had nothing to be run for until now.
func (n *notifier) know(name string, priority uint8) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if d := n.desks[deskKey{"INSTANCE", name}]; d != nil && d.last == "" {
		d.prio = priority
	}
}

// leave says that a virtual router goes while others stay: for good, or to come back as another one.
func (n *notifier) leave(v *vrrp.VirtualRouter, name string, forGood bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.desks[deskKey{"INSTANCE", name}]
	n.leaving[v] = saysFault
	if forGood && d != nil {
		d.gone = true
		if d.notify.SaysDeleted {
			n.leaving[v] = saysDeleted
		}
	}
}

// untold reports whether nothing has been said of an instance or a group yet.
func (n *notifier) untold(key deskKey) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.desks[key]
	return d != nil && !d.gone && d.last == ""
}

// forget says that a group goes.
func (n *notifier) forget(group string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.desks, deskKey{"GROUP", group})
}

// follow runs commands for events, until there are no more: everybody is stopped then. What runs still when ctx ends is killed.
func (n *notifier) follow(ctx context.Context, stopping <-chan struct{}, events iter.Seq[vrrp.Event]) {
	for e := range events {
		if e.Lost > 0 {
			n.log.Error("changes of state were missed: commands of notify were left out", "events", e.Lost)
		}
		switch e.Kind {
		case vrrp.EventTransition:
			n.tell(ctx, deskKey{"INSTANCE", e.Name}, n.word(e), e.Priority)
		case vrrp.EventGroup:
			if e.State != vrrp.Initialize || !ended(stopping) {
				n.tell(ctx, deskKey{"GROUP", e.Name}, stateWord(e.State), 0)
			}
		}
	}
	for _, key := range n.all() {
		n.tell(ctx, key, saysStop, 0)
	}
}

// leaveAll says whether another process goes on with what doesn't stop by itself.
func (n *notifier) leaveAll(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.left = on
}

// resume takes the states of virtual routers that were inherited as told.
func (n *notifier) resume(router *vrrp.Router) {
	for _, v := range router.VirtualRouters() {
		s := v.Status()
		n.mu.Lock()
		if d := n.desks[deskKey{"INSTANCE", s.Name}]; d != nil && d.last == "" {
			d.last, d.prio = stateWord(s.State), s.Priority
		}
		n.mu.Unlock()
	}
}

// stateWord returns what a state is called.
func stateWord(s vrrp.State) string {
	switch s {
	case vrrp.Active:
		return saysMaster
	case vrrp.Backup:
		return saysBackup
	}
	return saysFault
}

// ended reports whether a channel is closed.
func ended(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// word returns what a change of state is called.
func (n *notifier) word(e vrrp.Event) string {
	if e.State != vrrp.Initialize || e.Transition.Reason != vrrp.ReasonShutdown {
		return stateWord(e.State)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	word, ok := n.leaving[e.VirtualRouter]
	delete(n.leaving, e.VirtualRouter)
	if !ok {
		return saysStop
	}
	return word
}

// all returns whom there are commands for that are stopped, groups after instances.
func (n *notifier) all() []deskKey {
	n.mu.Lock()
	defer n.mu.Unlock()
	var keys []deskKey
	if n.left {
		return nil
	}
	for key, d := range n.desks {
		if !d.gone {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b deskKey) int { return cmp.Or(-cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name)) })
	return keys
}

// tell has the commands for a state run, unless it was told before.
func (n *notifier) tell(ctx context.Context, key deskKey, state string, priority uint8) {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.desks[key]
	if d == nil || d.last == state {
		return
	}
	if state == saysStop {
		priority = d.prio // nobody is asked any more
	}
	d.last, d.prio = state, priority
	n.fifos.write(fmt.Sprintf("%s \"%s\" %s %d\n", d.kind, d.name, state, priority))
	commands := d.commands(state, priority)
	if len(commands) == 0 {
		return
	}
	if len(d.queue) == maxNotices {
		n.log.Error("too many commands of notify wait: the oldest are left out", "name", d.name, "state", d.queue[0].state)
		d.queue = d.queue[1:]
	}
	d.queue = append(d.queue, notice{state, commands})
	if !d.busy {
		d.busy = true
		n.running.Go(func() { n.work(ctx, d) })
	}
}

// commands returns what is run for a state: its own command, then the one for any state with its four arguments.
func (d *desk) commands(state string, priority uint8) []keepalived.Command {
	var list []keepalived.Command
	own := map[string]keepalived.Command{saysMaster: d.notify.Master, saysBackup: d.notify.Backup, saysFault: d.notify.Fault,
		saysStop: d.notify.Stop, saysDeleted: d.notify.Deleted}[state]
	if !own.IsZero() {
		list = append(list, own)
	}
	if any := d.notify.Any; !any.IsZero() {
		any.Argv = append(slices.Clone(any.Argv), d.kind, d.name, state, strconv.Itoa(int(priority)))
		list = append(list, any)
	}
	return list
}

// work runs what waits at a desk.
func (n *notifier) work(ctx context.Context, d *desk) {
	for {
		n.mu.Lock()
		if len(d.queue) == 0 {
			d.busy = false
			n.mu.Unlock()
			return
		}
		next := d.queue[0]
		d.queue = d.queue[1:]
		n.mu.Unlock()
		for _, c := range next.commands {
			n.run(ctx, d, next.state, c)
		}
	}
}

// run runs a command.
func (n *notifier) run(ctx context.Context, d *desk, state string, c keepalived.Command) {
	ctx, cancel := context.WithTimeout(ctx, noticeTime)
	defer cancel()
	if err := command(c)(ctx); err != nil {
		n.log.Error("command of notify failed", "name", d.name, "state", state, "error", err)
	}
}
