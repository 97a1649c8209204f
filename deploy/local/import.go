package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/deploy/local/extjson"
	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/document"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
)

func importCommand(flags *flag.FlagSet) action {
	setAside := flags.String("set-aside", "", "import the rest if some documents cannot be imported, and write those unchanged to this `file`")
	return func(ctx context.Context, env environment, args []string) error {
		im := &importer{
			dir: args[0], now: office.Now(), progress: progress{out: env.stdout},
			report: importReport{out: env.stdout, outcomes: map[outcome]int{}, converted: map[[2]string]int{}},
		}
		if err := im.checkFiles(); err != nil {
			return fmt.Errorf("nothing was imported: %w", err)
		}
		db, err := openOrMake(ctx, env)
		if err != nil {
			return err
		}
		defer db.Close()
		fmt.Fprintln(env.stdout, "importing", im.dir)
		if err := im.importInto(ctx, db, *setAside); err != nil {
			return fmt.Errorf("nothing was imported: %w", err)
		}
		im.report.print()
		if im.report.refused > 0 {
			fmt.Fprintf(env.stdout, "set aside in %s\n  %26d\n", *setAside, im.report.refused)
		}
		return nil
	}
}

type importer struct {
	dir      string
	now      time.Time
	loader   *sqlitestore.Loader
	progress progress
	report   importReport
	dbs      []office.DB // those in the store and in the import
	refs     *document.References
}

// checkFiles checks that all files are there, before anything is created.
func (im *importer) checkFiles() error {
	for _, name := range exportFiles {
		file, err := os.Open(filepath.Join(im.dir, name))
		if err != nil {
			return fmt.Errorf("%s is missing or cannot be read: %w", name, err)
		}
		file.Close()
	}
	return nil
}

// importInto imports everything in one transaction. The file of what is set aside is complete
// before the transaction commits.
func (im *importer) importInto(ctx context.Context, db *sqlitestore.DB, setAside string) error {
	err := db.Snapshot(ctx, func(there sqlitestore.Snapshot) error {
		return there.DBs(func(db office.DB) error { im.dbs = append(im.dbs, db); return nil })
	})
	if err != nil {
		return err
	}
	err = db.Load(ctx, func(loader *sqlitestore.Loader) error {
		im.loader = loader
		if setAside == "" {
			return im.importAll()
		}
		err := writeLines(setAside, func(aside *bufio.Writer) error {
			im.report.aside = aside
			return im.importAll()
		})
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s already exists: name another file for the documents that are set aside", setAside)
		}
		return err
	})
	if im.report.aside != nil && (err != nil || im.report.refused == 0) {
		os.Remove(setAside)
	}
	return err
}

// importAll imports the databases first, since the others refer to them.
func (im *importer) importAll() error {
	if err := im.importFile(dbsFile, im.readDB); err != nil {
		return err
	}
	im.refs = document.ReferencesTo(im.dbs)
	if err := im.importFile(usersFile, im.readUser); err != nil {
		return err
	}
	if err := im.importFile(personnelsFile, im.readPersonnel); err != nil {
		return err
	}
	if refused := im.report.refused; refused > 0 && im.report.aside == nil {
		im.report.more(im.report.listed)
		return fmt.Errorf("%d of the documents cannot be imported, as listed above: correct them, or import the rest with %s import -set-aside FILE %s",
			refused, program, im.dir)
	}
	return nil
}

// reader reads a document, and returns a function to add it with, unless it has problems.
type reader func(bson.Raw) (document.Findings, func() (sqlitestore.Outcome, error))

func (im *importer) importFile(name string, read reader) error {
	file, err := os.Open(filepath.Join(im.dir, name))
	if err != nil {
		return err
	}
	defer file.Close()
	docs, err := extjson.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	im.progress.begin(name)
	for {
		content, line, err := docs.Next()
		if err == io.EOF {
			im.progress.end()
			return nil
		}
		if err == nil {
			err = im.importDocument(name, line, content, read)
		}
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", name, line, err)
		}
	}
}

func (im *importer) importDocument(name string, line int, content []byte, read reader) error {
	im.progress.count()
	raw, err := extjson.Parse(content)
	if err != nil {
		return im.report.refuse(name, line, nil, content, []document.Finding{{Field: "it", What: err.Error()}})
	}
	found, add := read(raw)
	var outcome sqlitestore.Outcome
	if found.Err() == nil {
		outcome, err = add()
	}
	switch {
	case errors.Is(err, office.ErrArmyNumberTaken):
		found.Problems = []document.Finding{{Field: "army_number", What: "is already taken here"}}
	case errors.Is(err, office.ErrShortCodeTaken):
		found.Problems = []document.Finding{{Field: "short_code", What: "is already taken here"}}
	case errors.Is(err, sqlitestore.ErrIDTaken):
		found.Problems = []document.Finding{{Field: "_id", What: "is that of an earlier document"}}
	case err != nil:
		return err
	}
	if found.Err() != nil {
		return im.report.refuse(name, line, raw, content, found.Problems)
	}
	im.report.accept(name, line, raw, outcome, found.Notes)
	return nil
}

func (im *importer) readDB(raw bson.Raw) (document.Findings, func() (sqlitestore.Outcome, error)) {
	db, found := document.Read[office.DB](raw, nil)
	im.dbs = append(im.dbs, db) // even if it is set aside: users keep access to it for when it comes back
	return found, func() (sqlitestore.Outcome, error) { return im.loader.AddDB(db) }
}

// readUser refuses a hash so costly that each login would keep everybody else waiting.
func (im *importer) readUser(raw bson.Raw) (document.Findings, func() (sqlitestore.Outcome, error)) {
	user, found := document.Read[office.User](raw, im.refs)
	if password.IsTooCostly(user.PasswordHash) {
		found.Problems = append(found.Problems, document.Finding{Field: "password_hash", What: "costs too much to compare"})
	}
	return found, func() (sqlitestore.Outcome, error) { return im.loader.AddUser(user) }
}

// readPersonnel refuses a db_id that names no database: it can be corrected in the file.
func (im *importer) readPersonnel(raw bson.Raw) (document.Findings, func() (sqlitestore.Outcome, error)) {
	record, found := document.Read[office.RecordWithHistory](raw, im.refs)
	if record.DBID.IsZero() {
		found.Problems = append(found.Problems, document.Finding{Field: "db_id", What: "names no database"})
	}
	if record.IsDeleted && record.DeletedAt.IsZero() {
		found.Notes = append(found.Notes, document.Finding{Field: "deleted_at", What: "is missing: set to the current time"})
	}
	if len(record.History) == 0 {
		record.History = office.History{office.Edit{By: office.ByImport, At: im.now}.Create(record.Personnel)}
	}
	return found, func() (sqlitestore.Outcome, error) { return im.loader.AddPersonnel(record, im.now) }
}
