package conn

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"officepay.example/shared/office/officetest"
)

// What is deleted is nowhere in the file any more, also where its page is free.
func TestDeletedIsOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(t.Context(), path, schema)
	officetest.Must(t, err)
	const mark = "0123456789-account"
	for _, change := range []Do{
		func(ctx context.Context, tx *Tx) (err error) {
			for n := 0; n < 2000 && err == nil; n++ {
				err = add(nth(n)+mark)(ctx, tx)
			}
			return err
		},
		Script("DELETE FROM names"),
	} {
		officetest.Must(t, db.WriteTx(t.Context(), change))
	}
	officetest.Must(t, db.Close())
	content, err := os.ReadFile(path)
	officetest.Must(t, err)
	if left := bytes.Count(content, []byte(mark)); left > 0 {
		t.Errorf("%d of 2000 are still in the file", left)
	}
}
