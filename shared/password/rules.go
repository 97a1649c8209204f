package password

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The least length of a password is in characters, the greatest in bytes: bcrypt ignores
// everything after the first 72, so a longer password is refused rather than cut.
const (
	MinLength = 6
	MaxLength = 72
)

//go:embed common.txt
var commonText string

// common are the most used passwords of MinLength or more, in lower case.
var common = strings.Fields(commonText)

// Check says, in words for a person, what is wrong with a new password of the user with
// this army number, which is empty if it is not known.
func Check(password, armyNumber string) error {
	switch {
	case utf8.RuneCountInString(password) < MinLength:
		return fmt.Errorf("must be at least %d characters", MinLength)
	case len(password) > MaxLength:
		return fmt.Errorf("must be at most %d bytes (a letter with an accent takes two or more)", MaxLength)
	case strings.Contains(password, "\x00"):
		return errors.New("must not contain a NUL character, at which other programs cut it off")
	case strings.EqualFold(password, armyNumber):
		return errors.New("must not be the army number")
	case slices.Contains(common, strings.ToLower(password)):
		return errors.New("is one of those that are guessed first: choose another")
	}
	return nil
}
