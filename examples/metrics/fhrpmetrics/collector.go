// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/go-fhrp/fhrp/examples/metrics/internal/question"
)

// DefaultTimeout is how long a scrape waits for the loop by default. It is less than the 10 s that Prometheus waits for the scrape.
const DefaultTimeout = 5 * time.Second

// Config is how a [Collector] works. The zero value is the default.
type Config struct {
	// Timeout is how long a scrape waits for the loop of the election; 0 is [DefaultTimeout].
	Timeout time.Duration
}

// Collector has the metrics of a vrrp.Router or a carp.Host: a prometheus.Collector, made by [NewVRRP] or [NewCARP]. It asks the loop
// of the election at each scrape, as any program does that calls Status: the loop answers between two of its turns, and waits for
// nobody. A scrape that gets no answer says so, by the metric up; however many scrapes there are, one at a time asks. It is safe for
// concurrent use.
type Collector struct {
	up, duration *prometheus.Desc
	timeout      time.Duration
	question     *question.Question[reading]
	describe     func(ch chan<- *prometheus.Desc)
}

// reading is what a loop has answered.
type reading struct {
	duration time.Duration // that it took for one question
	collect  func(ch chan<- prometheus.Metric)
}

// newCollector returns a collector whose metrics begin with a prefix.
func newCollector(prefix string, cfg Config, describe func(chan<- *prometheus.Desc), ask func() reading) *Collector {
	c := &Collector{
		up:       prometheus.NewDesc(prefix+"up", "Whether the loop of the election answered this scrape (1) or not in time (0).", nil, nil),
		duration: prometheus.NewDesc(prefix+"answer_duration_seconds", "How long the loop of the election took to answer one question.", nil, nil),
		timeout:  cfg.Timeout, question: question.New(ask), describe: describe,
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	return c
}

// Describe sends what metrics there are.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.up
	ch <- c.duration
	c.describe(ch)
}

// Collect asks the loop, and sends what it says.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	r, err := c.question.Ask(ctx)
	ch <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, truth(err == nil))
	if err == nil {
		ch <- prometheus.MustNewConstMetric(c.duration, prometheus.GaugeValue, r.duration.Seconds())
		r.collect(ch)
	}
}
