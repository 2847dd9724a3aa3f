// SPDX-License-Identifier: Apache-2.0

package question_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/examples/metrics/internal/question"
)

// TestAskedByMany: the question is put once for all who wait at the same time, and again for who comes later.
func TestAskedByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var put atomic.Int32
		q := question.New(func() int32 {
			time.Sleep(time.Second)
			return put.Add(1)
		})
		answers := make(chan int32, 100)
		for range 100 {
			go func() {
				n, err := q.Ask(t.Context())
				if err != nil {
					t.Error(err)
				}
				answers <- n
			}()
		}
		for range 100 {
			if n := <-answers; n != 1 {
				t.Errorf("answer %d", n)
			}
		}
		if n, err := q.Ask(t.Context()); n != 2 || err != nil {
			t.Errorf("answer %d, error %v", n, err)
		}
	})
}

// TestNoAnswer: who asks is free after his time, and the question is not put again before there is an answer.
func TestNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var put atomic.Int32
		stuck := make(chan struct{})
		q := question.New(func() bool {
			put.Add(1)
			<-stuck
			return true
		})
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := q.Ask(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
			cancel()
		}
		if n := put.Load(); n != 1 {
			t.Errorf("put %d times", n)
		}
		close(stuck)
		synctest.Wait()
		if yes, err := q.Ask(t.Context()); !yes || err != nil || put.Load() != 2 {
			t.Errorf("answer %v, error %v, put %d times", yes, err, put.Load())
		}
	})
}
