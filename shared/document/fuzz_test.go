package document

import (
	"reflect"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// FuzzRead holds the reader against whatever a document holds: nothing stops it,
// what it takes can be kept and served, and what was kept is read as it is.
func FuzzRead(f *testing.F) {
	for _, test := range conversions {
		f.Add([]byte(with(f, Of(record), bson.M{test.field: test.value})))
	}
	for _, test := range refusals {
		f.Add([]byte(with(f, Of(record), bson.M{test.field: test.value})))
	}
	f.Add([]byte(kept(f, Of(officetest.User(1, officetest.Allowed(one.ID))))))
	f.Add([]byte(kept(f, Of(one))))
	f.Fuzz(func(t *testing.T, content []byte) {
		raw, refs := bson.Raw(content), ReferencesTo([]office.DB{one})
		checkKept(t, raw, refs, Read[office.User], Of[office.User])
		checkKept(t, raw, refs, Read[office.Personnel], Of[office.Personnel])
		checkKept(t, raw, nil, Read[office.DB], Of[office.DB])
	})
}

func checkKept[T, D any](t *testing.T, raw bson.Raw, refs *References, read func(bson.Raw, *References) (T, Findings), docOf func(T) D) {
	t.Helper()
	value, findings := read(raw, refs)
	if findings.Err() != nil {
		return
	}
	kept := kept(t, docOf(value))
	again, findings := read(kept, nil)
	if findings.Err() != nil || len(findings.Notes) > 0 || !reflect.DeepEqual(again, value) {
		t.Errorf("%v is read as %+v, and then as %+v, %v", raw, value, again, findings)
	}
	if record, ok := any(value).(office.Personnel); ok {
		if _, err := record.AppendJSON(nil); err != nil {
			t.Errorf("%+v cannot be served: %v", record, err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	raw := kept(b, Of(record))
	b.ReportAllocs()
	for b.Loop() {
		var doc Personnel
		officetest.Must(b, bson.Unmarshal(raw, &doc))
	}
}
