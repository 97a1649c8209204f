package password

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The lengths of a password: the least in characters, and the most in bytes. bcrypt
// compares the first 72 alone, so a longer one is refused rather than cut.
const (
	MinLength = 6
	MaxLength = 72
)

//go:embed common.txt
var commonText string

// common are the most used passwords of MinLength and more, in small letters.
var common = strings.Fields(commonText)

// Check tells what is wrong with a password that is to be set for somebody with this
// army number, for a person. An empty number is of nobody known.
func Check(password, armyNumber string) error {
	switch {
	case utf8.RuneCountInString(password) < MinLength:
		return fmt.Errorf("must be at least %d characters", MinLength)
	case len(password) > MaxLength:
		return fmt.Errorf("must be at most %d bytes (a letter with an accent takes two or more)", MaxLength)
	case strings.Contains(password, "\x00"):
		return errors.New("must not contain a NUL character, where other programs end it")
	case strings.EqualFold(password, armyNumber):
		return errors.New("must not be the army number")
	case slices.Contains(common, strings.ToLower(password)):
		return errors.New("is one of those that everybody tries first: choose another")
	}
	return nil
}
