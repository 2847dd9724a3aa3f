// SPDX-License-Identifier: Apache-2.0

package carp

// errorsToDemote is how many failures to send demote a host, and successesToForget
// how many successes in succession end that (CARP_SENDAD_MAX_ERRORS and
// CARP_SENDAD_MIN_SUCCESS of FreeBSD's ip_carp.c).
const (
	errorsToDemote    = 3
	successesToForget = 3
)

// sendErrors counts what could not be sent (carp_send_ad_error). The zero value
// has seen nothing.
type sendErrors struct {
	failed  int // up to errorsToDemote
	sent    int // in succession since
	demoted bool
}

// note counts an advertisement.
func (e *sendErrors) note(ok bool) {
	switch {
	case !ok:
		e.failed, e.sent = min(e.failed+1, errorsToDemote), 0
	case e.failed > 0:
		if e.sent++; e.sent == successesToForget {
			e.failed, e.sent = 0, 0
		}
	}
}

// sendErrorsOf is what a reason begins with for which a host is demoted by itself.
const sendErrorsOf = "send errors: "

// sendErrorReason is what the host is demoted for.
func (v *VirtualHost) sendErrorReason() string { return sendErrorsOf + v.cfg.Name }

// flushed takes in which of what the virtual host has queued could be sent, and
// reports whether the host's demotion has changed.
func (v *VirtualHost) flushed(w *watch) (changed bool) {
	v.sending = false
	for i := range v.paths {
		p := &v.paths[i]
		if !p.queued {
			continue
		}
		p.queued = false
		failed := w.failed(v.cfg.Link, p.group.Is6())
		if failed {
			v.stats.SendErrors++
		}
		v.errors.note(!failed)
	}
	return v.judgeSendErrors()
}

// judgeSendErrors brings the host's demotion in line with them, and reports whether
// that changes it.
func (v *VirtualHost) judgeSendErrors() (changed bool) {
	e, weight := &v.errors, v.host.cfg.SendErrorDemotion
	switch {
	case weight < 0:
	case !e.demoted && e.failed == errorsToDemote:
		e.demoted = true
		return v.host.demote(v.sendErrorReason(), weight)
	case e.demoted && e.failed == 0:
		e.demoted = false
		return v.host.undemote(v.sendErrorReason())
	}
	return false
}

// forgetSendErrors has the host not demoted for them.
func (v *VirtualHost) forgetSendErrors() {
	v.errors.failed, v.errors.sent = 0, 0
	v.judgeSendErrors()
}
