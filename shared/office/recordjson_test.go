package office

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
)

// A record that was written is read as it was, or as encoding/json reads it where a
// text was not UTF-8 or a time beyond RFC 3339; and so is any text that is none.
func TestAnsweredIsRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	split := 0
	for range 20_000 {
		record := randomPersonnel(rng)
		if rng.IntN(2) == 0 { // as most are
			record = Personnel{
				ID: record.ID, FirstName: "Zoë", DBID: record.DBID, Status: StatusActive, IsDeleted: record.IsDeleted, Revision: record.Revision,
				CreatedAt: record.CreatedAt, UpdatedAt: record.UpdatedAt, BankChangedAt: record.BankChangedAt,
			}
		}
		text := []byte(record.JSON())
		if rng.IntN(4) == 0 { // somebody has edited it
			text[rng.IntN(len(text))] = `"{},:\t0Za`[rng.IntN(10)]
		}
		if rng.IntN(8) == 0 {
			text = text[:rng.IntN(len(text))]
		}
		var want Personnel
		wantErr := json.Unmarshal(text, &want)
		if _, err := RecordJSON(text).parsePlain(); err == nil {
			split++
		}
		got, err := RecordJSON(text).Personnel()
		if wantErr == nil && (want.Revision != RecordJSON(text).Revision() || err != nil || !reflect.DeepEqual(got, want)) {
			t.Fatalf("%s:\n got %+v (%v)\nwant %+v (%v)", text, got, err, want, wantErr)
		}
	}
	if split < 1000 {
		t.Errorf("%d were read the fast way", split)
	}
}

func BenchmarkReadPersonnel(b *testing.B) {
	text := usual().JSON()
	b.Run("Personnel", func(b *testing.B) {
		for b.Loop() {
			_, _ = text.Personnel()
		}
	})
	b.Run("encoding json", func(b *testing.B) {
		var p Personnel
		for b.Loop() {
			_ = json.Unmarshal([]byte(text), &p)
		}
	})
}

func TestRecordJSONInAList(t *testing.T) {
	record := RecordJSON(`{"first_name":"Zoë <3"}`)
	if got, err := AppendJSON(nil, []RecordJSON{record}); string(got) != "["+string(record)+"]" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}
