package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

func runImport(ctx context.Context, env environment, flags *flag.FlagSet, args []string) error {
	args, err := arguments(flags, args, 1)
	if err != nil {
		return err
	}
	db, err := openOrMake(ctx, env)
	if err != nil {
		return err
	}
	defer db.Close()
	im := &importer{
		dir: args[0], now: office.Now(), report: newProgress(env.stdout, "importing "+args[0]),
		dbs: map[office.ID]bool{}, notes: newNotes(),
	}
	err = db.Load(ctx, func(loader *sqlitestore.Loader) error {
		im.loader = loader
		return im.all()
	})
	if err != nil {
		return fmt.Errorf("nothing was imported: %w", err)
	}
	im.notes.print(env.stdout)
	return nil
}

// importer takes over one export.
type importer struct {
	dir    string
	now    time.Time
	loader *sqlitestore.Loader
	report *progress
	dbs    map[office.ID]bool // that exist
	notes  *notes
}

// all imports the databases first, since the others refer to them.
func (im *importer) all() error {
	if err := importFile(im, dbsFile, im.db); err != nil {
		return err
	}
	if err := importFile(im, usersFile, im.user); err != nil {
		return err
	}
	return importFile(im, personnelsFile, im.personnel)
}

// importFile takes one document a line. Its error names file and line.
func importFile[D any](im *importer, name string, load func(bson.Raw, D) (sqlitestore.Outcome, error)) error {
	file, err := os.Open(filepath.Join(im.dir, name))
	if err != nil {
		return fmt.Errorf("%s is missing or cannot be read: %w", name, err)
	}
	defer file.Close()
	im.report.begin(name)
	lines := bufio.NewReader(file)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := importLine(im, name, line, load); err != nil {
				return fmt.Errorf("%s, line %d: %w", name, number, err)
			}
		}
		if errors.Is(err, io.EOF) {
			im.report.end()
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func importLine[D any](im *importer, name string, line []byte, load func(bson.Raw, D) (sqlitestore.Outcome, error)) error {
	var raw bson.Raw
	var doc D
	if err := bson.UnmarshalExtJSON(line, false, &raw); err != nil {
		return fmt.Errorf("is not a document in Extended JSON: %w", err)
	}
	if err := bson.Unmarshal(raw, &doc); err != nil {
		return err
	}
	outcome, err := load(raw, doc)
	if err != nil {
		return err
	}
	im.report.count()
	im.notes.settle(name, outcome)
	return nil
}

func (im *importer) db(raw bson.Raw, doc document.DB) (sqlitestore.Outcome, error) {
	im.dbs[doc.ID] = true
	im.notes.created(raw)
	return im.loader.AddDB(doc.DB())
}

// user leaves out what a user was allowed that is gone.
func (im *importer) user(raw bson.Raw, doc document.User) (sqlitestore.Outcome, error) {
	user := doc.User()
	user.AllowedDBs = slices.DeleteFunc(user.AllowedDBs, func(id office.ID) bool { return !im.dbs[id] })
	im.notes.add(len(doc.AllowedDBs)-len(user.AllowedDBs), "references to a database that is gone, removed from a user")
	im.notes.missing(raw, "is_generated", "users without is_generated: taken as false")
	im.notes.stray(raw, "id", "users with a stray field id: left out")
	im.notes.created(raw)
	return im.loader.AddUser(user)
}

func (im *importer) personnel(raw bson.Raw, doc document.Personnel) (sqlitestore.Outcome, error) {
	record := doc.Personnel()
	if record.DBID.IsZero() {
		return 0, fmt.Errorf("db_id %q %w", doc.DBID, office.ErrBadID)
	}
	if !im.dbs[record.DBID] {
		im.notes.add(1, "records of a database that is gone: kept, and shown to admins only")
	}
	if record.IsDeleted && record.DeletedAt.IsZero() {
		im.notes.add(1, "deleted records without a time of deletion: set to now")
	}
	im.notes.personnel(raw, doc)
	return im.loader.AddPersonnel(record, im.now)
}
