package personnel

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"officepay.example/shared/office"
)

func TestNewRecord(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	first, second := newRecord(office.PersonnelPatch{}, now), newRecord(office.PersonnelPatch{}, now)
	if first.ID.IsZero() || first.ID == second.ID {
		t.Errorf("ids %v and %v", first.ID, second.ID)
	}
	first.ID = office.ID{}
	if want := (office.Personnel{Status: office.StatusActive, CreatedAt: now, UpdatedAt: now, Revision: 1}); first != want {
		t.Errorf("got %+v", first)
	}
}

func TestRecordErrorsAreNamed(t *testing.T) {
	other := errors.New("other")
	for in, want := range map[error]error{
		nil: nil, other: other, office.ErrDBNotFound: office.ErrDBNotFound,
		office.ErrNotFound: errRecordNotFound, fmt.Errorf("sqlite: %w", office.ErrNotFound): errRecordNotFound,
	} {
		if got := asRecordError(in); got != want {
			t.Errorf("%v becomes %v, want %v", in, got, want)
		}
	}
}
