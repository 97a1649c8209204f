package faulttest

import (
	"bytes"
	"sync"
)

// Log keeps what programs print. It can be read meanwhile.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends to the log. It never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all of the log so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Tail is the end of the log, for a person who looks at a failed test.
func (l *Log) Tail() string {
	const most = 1500 // bytes
	text := l.String()
	return text[max(0, len(text)-most):]
}
