package personnel

import (
	"net/http/httptest"
	"strings"
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

func TestMissingRecordIsNamed(t *testing.T) {
	got, _ := askedByBoss(t, deletingStore{}, httptest.NewRequest("GET", "/personnels/"+dbA.Hex(), nil), 1<<20)
	if want := `"message":"This personnel record does not exist."`; got.Code != 404 || !strings.Contains(got.Body.String(), want) {
		t.Errorf("the answer is %d %s", got.Code, got.Body)
	}
}
