package main

import (
	"strconv"
	"sync"
)

// limiter refuses as many of the next requests as it was told to.
type limiter struct {
	mu    sync.Mutex
	left  int
	after int
}

func (l *limiter) set(requests, seconds int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.after = requests, seconds
}

// take answers whether a request is over the limit, and after how many seconds to ask again.
func (l *limiter) take() (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == 0 {
		return "", false
	}
	l.left--
	return strconv.Itoa(l.after), true
}
