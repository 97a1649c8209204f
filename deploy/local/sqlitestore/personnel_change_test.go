package sqlitestore

import (
	"reflect"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Whatever field changes, and however soon again, the columns, what is derived from them, and
// the totals are those of the record that is answered.
func TestColumnsAfterEachChange(t *testing.T) {
	db := open(t)
	dbs := addDBs(t, db, 2)
	fields := reflect.TypeFor[office.PersonnelPatch]()
	for i := range fields.NumField() {
		record := officetest.Personnel(i, dbs[0])
		_, err := db.Personnel().Create(t.Context(), []office.Personnel{record}, office.Edit{})
		officetest.Must(t, err)
		for round, text := range []string{"new " + fields.Field(i).Name, "", "0123456789"} {
			value := reflect.New(fields.Field(i).Type.Elem())
			switch to := value.Interface().(type) {
			case *string:
				*to = text
			case *office.Status:
				*to = office.Statuses[round+1]
			case *office.ID:
				*to = dbs[(round+1)%2]
			}
			var patch office.PersonnelPatch
			reflect.ValueOf(&patch).Elem().Field(i).Set(value)
			want, _, err := db.Personnel().Update(t.Context(), everything, record.ID, patch, office.Edit{At: officetest.At(1)})
			officetest.Must(t, err)
			columns, err := db.Personnel().GetWithHistory(t.Context(), everything, record.ID)
			officetest.Must(t, err)
			officetest.Equal(t, fields.Field(i).Name+" in the columns", columns.Personnel, want)
			answer, err := officetest.ReadOne(db.Personnel().Get(t.Context(), everything, record.ID))
			officetest.Must(t, err)
			officetest.Equal(t, fields.Field(i).Name+" in the answer", answer, want)
			wantFaults(t, db)
		}
	}
}
