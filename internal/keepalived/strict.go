// SPDX-License-Identifier: Apache-2.0

package keepalived

// completeStrict settles strict mode, which global_defs and the instance may turn on.
func (in *draft) completeStrict(global bool) {
	in.Strict = global
	if in.strict != nil {
		in.Strict = *in.strict
	}
}

// completeSwitches fills in what depends on strict mode and global_defs, and resets what strict mode does not have.
func (in *draft) completeSwitches(r *report, g *Global) {
	in.Accept = in.Priority == 255 || !in.Strict
	if in.accept != nil {
		in.Accept = *in.accept
	}
	in.LowerPrioNoAdvert = in.Strict || g.LowerPrioNoAdvert
	if in.lowerPrioNoAdvert != nil {
		in.LowerPrioNoAdvert = *in.lowerPrioNoAdvert
	}
	in.HigherPrioSendAdvert = !in.Strict && g.HigherPrioSendAdvert
	if in.higherPrioSendAdvert != nil {
		in.HigherPrioSendAdvert = *in.higherPrioSendAdvert
	}
	if in.Strict {
		in.reset(r)
	}
	in.GARP.complete(g.GARP.LowerPrioDelay, g.GARP.LowerPrioRepeat)
}

// reset resets what strict mode does not have.
func (in *draft) reset(r *report) {
	reset := func(given bool, name string) {
		if given {
			r.note(in.dir(name), Adjusted, "strict mode: %s is reset, as in keepalived", name)
		}
	}
	reset(in.Accept && in.Priority != 255 && in.Version == 2, "accept")
	in.Accept = in.Accept && (in.Priority == 255 || in.Version == 3)
	reset(!in.LowerPrioNoAdvert, "lower_prio_no_advert")
	in.LowerPrioNoAdvert = true
	reset(in.HigherPrioSendAdvert, "higher_prio_send_advert")
	in.HigherPrioSendAdvert = false
	reset(in.DownTimerAdverts != defaultDownTimerAdverts, "down_timer_adverts")
	in.DownTimerAdverts = defaultDownTimerAdverts
	reset(in.GARP.LowerPrioDelay > 0, "garp_lower_prio_delay")
	reset(in.GARP.LowerPrioRepeat > 0, "garp_lower_prio_repeat")
	in.GARP.LowerPrioDelay, in.GARP.LowerPrioRepeat = 0, 0
}
