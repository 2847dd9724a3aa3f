// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// writeTable writes what is known as text.
func writeTable(w io.Writer, v *view) error {
	for i := range v.Clusters {
		writeCluster(w, v.At, &v.Clusters[i])
	}
	if len(v.Clusters) == 0 {
		fmt.Fprintln(w, "no VRRP router and no CARP host was heard")
	}
	for _, l := range v.Links {
		fmt.Fprintf(w, "%s: free identifiers %s\n", l.Name, l.Free)
	}
	if v.Rejected > 0 {
		fmt.Fprintf(w, "%d packets were rejected\n", v.Rejected)
	}
	var err error
	if v.LeftOut > 0 {
		_, err = fmt.Fprintf(w, "%d messages of further clusters are not shown\n", v.LeftOut)
	}
	return err
}

func writeCluster(w io.Writer, now time.Time, c *clusterView) {
	fmt.Fprintf(w, "%s  %s\n", c.Key, cmp.Or(c.Addresses, "addresses are not told"))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range c.Speakers {
		fmt.Fprintf(t, "  %s\t%s\t%s\tevery %s\tmargin %s\tlowest %s\t%v ago\n",
			s.State, s.Addr, s.Rank, s.Interval, cmp.Or(s.Last, "-"), cmp.Or(s.Least, "-"), now.Sub(s.Heard).Round(100*time.Millisecond))
	}
	_ = t.Flush() // to a buffer, or what is behind it fails again
	for _, s := range c.Speakers {
		fmt.Fprintf(w, "    %s: %s, from %s\n", s.Addr, s.Form, s.MAC)
	}
	for _, text := range c.Claims {
		fmt.Fprintf(w, "    %s\n", text)
	}
	for _, text := range c.Findings {
		fmt.Fprintf(w, "  ! %s\n", text)
	}
	fmt.Fprintln(w)
}

// line is an event as a line of text.
func (e *event) line() string {
	return fmt.Sprintf("%s  %s: %s", e.At.Format("2006-01-02 15:04:05.000"), e.Cluster, e.Text)
}
