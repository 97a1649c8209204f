package personnel

import (
	"reflect"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

func TestReadIDs(t *testing.T) {
	const none = "The list of records must name at least one record."
	a, b := `"`+dbA.Hex()+`"`, `"`+dbB.Hex()+`"`
	cases := map[string]struct {
		body    string
		want    web.IDList
		problem string
	}{
		"one":                 {`{"personnels_id":[` + a + `]}`, web.IDList{IDs: []office.ID{dbA}}, ""},
		"in order, each once": {`{"personnels_id":[` + b + `,` + a + `,` + strings.ToUpper(b) + `]}`, web.IDList{IDs: []office.ID{dbB, dbA}}, ""},
		"trimmed":             {`{"personnels_id":[" ` + dbA.Hex() + ` "]}`, web.IDList{IDs: []office.ID{dbA}}, ""},
		"some are none":       {`{"personnels_id":[` + a + `,"x",null,true]}`, web.IDList{IDs: []office.ID{dbA}, Invalid: []any{"x", "null", true}}, ""},
		"as many as may be":   {`{"personnels_id":[` + strings.Repeat(a+",", maxRows-1) + a + `]}`, web.IDList{IDs: []office.ID{dbA}}, ""},
		"one too many":        {`{"personnels_id":[` + strings.Repeat(a+",", maxRows) + a + `]}`, web.IDList{}, "The list of records must name at most 10000 records."},
		"nothing":             {`{}`, web.IDList{}, none},
		"null":                {`{"personnels_id":null}`, web.IDList{}, none},
		"empty":               {`{"personnels_id":[]}`, web.IDList{}, none},
		"one id, no list":     {`{"personnels_id":` + a + `}`, web.IDList{}, "The list of records must be an array, not text."},
		"an operator":         {`{"personnels_id":{"$ne":null}}`, web.IDList{}, "The list of records must be an array, not an object."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := decode(test.body, web.Whole, readIDs)
			if (err != nil) != (test.problem != "") || err != nil && err.Error() != test.problem {
				t.Errorf("error %v, want %q", err, test.problem)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestWithout(t *testing.T) {
	a, b := dbA, dbB
	for name, test := range map[string]struct{ ids, others, want []office.ID }{
		"none found":   {[]office.ID{a, b}, nil, []office.ID{a, b}},
		"one found":    {[]office.ID{a, b}, []office.ID{a}, []office.ID{b}},
		"all found":    {[]office.ID{a, b}, []office.ID{b, a}, []office.ID{}},
		"others found": {[]office.ID{a}, []office.ID{b}, []office.ID{a}},
	} {
		if got := without(test.ids, test.others); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
