// Package tap is what the Go clients share: one TAP line per capability, names that no other run uses.
// They are started as `COMMAND BROKERS PREFIX`.
package tap

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// Client is the name in front of each line.
var Client string

var failures int

// Brokers is where the cluster is.
func Brokers() []string { return strings.Split(os.Args[1], ",") }

// Name makes a topic's, group's or transactional id's name of this run alone.
func Name(what string) string { return os.Args[2] + "-" + what }

// Check passes when run returns no error and does not panic.
func Check(what string, run func() error) {
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v", r)
			}
		}()
		return run()
	}()
	if err == nil {
		fmt.Printf("ok - %s: %s\n", Client, what)
		return
	}
	failures++
	fmt.Printf("not ok - %s: %s\n# %s\n", Client, what, strings.ReplaceAll(err.Error(), "\n", "\n# "))
}

// Must panics on an error: Check shows it.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// Get is the value, or a panic with the error.
func Get[T any](value T, err error) T {
	Must(err)
	return value
}

// Same panics when the two print differently.
func Same(what string, expected, actual any) {
	if e, a := fmt.Sprint(expected), fmt.Sprint(actual); e != a {
		panic(fmt.Sprintf("%s: expected %s, got %s", what, e, a))
	}
}

// Until waits for the condition, a minute at most.
func Until(what string, condition func() bool) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if condition() {
			return
		}
	}
	panic("not within a minute: " + what)
}

// Done ends the program; its status tells whether all passed.
func Done() {
	if failures > 0 {
		os.Exit(1)
	}
}
