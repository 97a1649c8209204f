package office

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

// marshalled is the record as encoding/json writes it.
func marshalled(p Personnel) (string, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(p)
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), err
}

// pieces are what strings are made of that JSON, or Go, treats specially.
var pieces = []string{
	"", "a", "Musa", " ", `"`, `\`, "/", "<b>&", "é", "ß", "日本", "😀", "\x00", "\x1f", "\x7f", "\n", "\t", "\b", "\f", "\r",
	"\u2028", "\u2029", "\u2027", "\ufeff", "\ufffd", "\xff", "\xc3", "\xed\xa0\x80", "\u0085",
}

func randomText(rng *rand.Rand) (text string) {
	for range rng.IntN(4) {
		text += pieces[rng.IntN(len(pieces))]
	}
	return text
}

func randomTime(rng *rand.Rand) time.Time {
	const years = 12_000 // of which RFC 3339 has 10,000
	switch rng.IntN(4) {
	case 0:
		return time.Time{}
	case 1:
		return time.UnixMilli(rng.Int64N(years*365*24*3600*1000) - 62_135_596_800_000).UTC()
	}
	return time.UnixMilli(1_700_000_000_000 + rng.Int64N(1_000_000)).UTC()
}

func randomPersonnel(rng *rand.Rand) Personnel {
	text := func() string { return randomText(rng) }
	p := Personnel{
		FirstName: text(), LastName: text(), MiddleName: text(), ArmyNumber: text(), PhoneNumber: text(), Rank: text(),
		Bank: Bank{text(), text()}, AcctNumber: text(), SubSector: text(), Location: text(), Remark: text(),
		Status: Status(text()), IsDeleted: rng.IntN(2) == 0, Revision: rng.IntN(1000), BankChangedAt: randomTime(rng),
		CreatedAt: randomTime(rng), UpdatedAt: randomTime(rng), DeletedAt: randomTime(rng),
	}
	for i := range p.ID {
		p.ID[i], p.DBID[i] = byte(rng.Uint32()), byte(rng.Uint32())
	}
	return p
}

func TestAppendJSONIsWhatEncodingJSONWrites(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 20_000 {
		p := randomPersonnel(rng)
		want, wantErr := marshalled(p)
		got, err := p.AppendJSON([]byte("before"))
		if err != nil {
			t.Fatalf("error %v: %#v", err, p)
		}
		if wantErr != nil { // without the time
			refused++
			var read map[string]any
			err := json.Unmarshal(got[len("before"):], &read)
			isWhole := read["created_at"] != nil && (read["updated_at"] != nil || p.UpdatedAt.IsZero()) && (read["bank_changed_at"] != nil || p.BankChangedAt.IsZero())
			if err != nil || isWhole {
				t.Fatalf("%s: %v", got, err)
			}
		} else if string(got) != "before"+want {
			t.Fatalf("\n got %s\nwant before%s", got, want)
		}
	}
	if refused == 0 {
		t.Error("no time was beyond RFC 3339")
	}
}

// usual is a record like most, for benchmarks.
func usual() Personnel {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	return Personnel{
		FirstName: "Ibrahim", LastName: "Musa", ArmyNumber: "80NA/72/10000", PhoneNumber: "08006319839", Rank: "Cpl",
		Bank: Bank{"POLARIS BANK LIMITED", "076151006"}, AcctNumber: "8118638423", SubSector: "HQ Sector 1",
		Status: StatusActive, CreatedAt: at, UpdatedAt: at,
	}
}

func BenchmarkEncodePersonnel(b *testing.B) {
	p := usual()
	b.Run("AppendJSON", func(b *testing.B) {
		var out []byte
		for b.Loop() {
			out, _ = p.AppendJSON(out[:0])
		}
	})
	b.Run("encoding json", func(b *testing.B) {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		for b.Loop() {
			out.Reset()
			_ = enc.Encode(&p)
		}
	})
}
