// Command office-payment is the all-in-one of Office Payment Management: the four services
// in one process on one SQLite file, and the commands to look after it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"officepay.example/shared/serve"
	"officepay.example/shared/serve/version"
)

// environment is the part of the outside world that a command may use.
type environment struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

type command struct {
	name  string
	usage string // arguments and what it does, for -h
	count int    // how many arguments it needs
	// prepare adds the flags, and returns the action to run once they are parsed.
	prepare func(*flag.FlagSet) action
}

type action func(ctx context.Context, env environment, args []string) error

func withoutFlags(do action) func(*flag.FlagSet) action {
	return func(*flag.FlagSet) action { return do }
}

// commands are in the order in which help shows them. The first is the default.
var commands = []command{
	{"serve", "\n  Serves the API. This is what happens without a command.", 0, withoutFlags(runServe)},
	{"create-admin", " ARMY_NUMBER\n  Creates an admin.", 1, createAdmin},
	{"reset-password", " ARMY_NUMBER\n  Sets the password of a user and ends all sessions of that user.", 1, resetPassword},
	{"backup", " FILE\n  Writes a checked copy of the database, also while it is being served.", 1, withoutFlags(runBackup)},
	{"restore", " FILE\n  Replaces the database with a backup and keeps the previous one; stop the server first.", 1, withoutFlags(runRestore)},
	{"verify", "\n  Checks the database, its totals and its search index, also while it is being served.", 0, verify},
	{"migrate", "\n  Brings a database of an older version up to date, as a start of the server does.", 0, withoutFlags(runMigrate)},
	{"export", " DIR\n  Writes users.json, dbs.json and personnels.json for mongoimport.", 1, withoutFlags(runExport)},
	{"import", " DIR\n  Reads users.json, dbs.json and personnels.json, written by export or mongoexport.", 1, importCommand},
}

const program = "office-payment"

func main() {
	ctx, stop := serve.Context()
	defer stop()
	err := run(ctx, os.Args[1:], environment{os.Getenv, os.Stdin, os.Stdout, os.Stderr})
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "%s: %v\n", program, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, env environment) error {
	if version.Asked(args) {
		_, err := fmt.Fprintln(env.stdout, program, version.Number)
		return err
	}
	if len(args) == 0 {
		args = []string{commands[0].name}
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.run(ctx, args[1:], env)
		}
	}
	help(env.stderr)
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return flag.ErrHelp
	}
	return fmt.Errorf("there is no command %q", args[0])
}

func help(w io.Writer) {
	fmt.Fprintf(w, "usage: %s [COMMAND]\n\n", program)
	for _, c := range commands {
		fmt.Fprintf(w, "%s%s\n", c.name, c.usage)
	}
	fmt.Fprintf(w, "\nThe database is in DATA_DIR (default %s). Each command has -h; -version shows the release.\n", defaultDataDir)
}

func (c command) run(ctx context.Context, args []string, env environment) error {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(env.stderr)
	flags.Usage = func() {
		fmt.Fprintf(env.stderr, "usage: %s %s%s\n", program, c.name, c.usage)
		flags.PrintDefaults()
	}
	do := c.prepare(flags)
	err := flags.Parse(args)
	if err == nil && flags.NArg() != c.count {
		err = c.wrongCount(flags.Args())
		flags.Usage()
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return fmt.Errorf("%w; %s %s -h shows how to use it", err, program, c.name)
	}
	return do(ctx, env, flags.Args())
}

func (c command) wrongCount(args []string) error {
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") {
			return fmt.Errorf("%s must come before the other arguments of %s", arg, c.name)
		}
	}
	return fmt.Errorf("%s needs %d argument(s), not %d", c.name, c.count, len(args))
}
