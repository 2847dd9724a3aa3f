// SPDX-License-Identifier: Apache-2.0

package keepalived

// Notify is the commands that are run when an instance or a group changes its state. Those that are zero are not.
// Safe for concurrent reading.
type Notify struct {
	Master  Command // notify_master
	Backup  Command // notify_backup
	Fault   Command // notify_fault
	Stop    Command // notify_stop
	Deleted Command // notify_deleted
	// Any is run after each of the others, with four more arguments: INSTANCE or GROUP, its name, the state in capitals, the
	// priority.
	Any         Command // notify
	SaysDeleted bool    // notify_deleted is given: the state of what a reload deletes is DELETED and not FAULT
}

// IsZero reports whether there is nothing to run.
func (n *Notify) IsZero() bool {
	for _, c := range n.commands() {
		if !c.IsZero() {
			return false
		}
	}
	return true
}

// commands returns all of them.
func (n *Notify) commands() []*Command {
	return []*Command{&n.Master, &n.Backup, &n.Fault, &n.Stop, &n.Deleted, &n.Any}
}

// complete gives all commands the user of script_user that have none.
func (n *Notify) complete(user Command) {
	for _, c := range n.commands() {
		c.complete(user)
	}
}

// read reads a directive that names a command.
func (n *Notify) read(r *report, dir *Directive) bool {
	switch dir.Name {
	case "notify_master":
		r.readCommand(dir, &n.Master)
	case "notify_backup":
		r.readCommand(dir, &n.Backup)
	case "notify_fault":
		r.readCommand(dir, &n.Fault)
	case "notify_stop":
		r.readCommand(dir, &n.Stop)
	case "notify_deleted":
		n.SaysDeleted = true
		if len(dir.Args) > 0 {
			r.readCommand(dir, &n.Deleted)
		}
	case "notify":
		r.readCommand(dir, &n.Any)
	default:
		return false
	}
	return true
}
