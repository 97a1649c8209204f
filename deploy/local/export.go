package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/deploy/local/durable"
	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// The files of an export, one per collection.
const (
	usersFile      = "users.json"
	dbsFile        = "dbs.json"
	personnelsFile = "personnels.json"
)

var exportFiles = []string{usersFile, dbsFile, personnelsFile}

func runExport(ctx context.Context, env environment, args []string) error {
	db, err := openExisting(ctx, env)
	if err != nil {
		return err
	}
	defer db.Close()
	dir := args[0]
	if err := durable.Dir(dir); err != nil {
		return fmt.Errorf("cannot create the directory of the export: %w", err)
	}
	return db.Snapshot(ctx, func(all sqlitestore.Snapshot) error {
		fmt.Fprintln(env.stdout, "exporting to", dir)
		progress := &progress{out: env.stdout}
		if err := exportFile(dir, usersFile, progress, document.Of[office.User], all.Users); err != nil {
			return err
		}
		if err := exportFile(dir, dbsFile, progress, document.Of[office.DB], all.DBs); err != nil {
			return err
		}
		if err := exportFile(dir, personnelsFile, progress, document.Of[office.RecordWithHistory], all.Personnel); err != nil {
			return err
		}
		return exportSetAside(dir, progress, all)
	})
}

// exportSetAside writes what was set aside to files named like the collections for it on MongoDB.
func exportSetAside(dir string, progress *progress, all sqlitestore.Snapshot) error {
	for _, file := range exportFiles {
		collection := strings.TrimSuffix(file, ".json")
		aside, err := all.SetAside(collection)
		if err == nil && len(aside) > 0 {
			err = exportFile(dir, collection+"_set_aside.json", progress, func(doc bson.Raw) bson.Raw { return doc }, func(each func(bson.Raw) error) error {
				for _, doc := range aside {
					if err := each(doc); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// exportFile writes one document per line, as mongoexport does.
func exportFile[T, D any](dir, name string, progress *progress, documentOf func(T) D, visit func(func(T) error) error) error {
	path := filepath.Join(dir, name)
	err := writeLines(path, func(out *bufio.Writer) error {
		progress.begin(name)
		return visit(func(item T) error {
			progress.count()
			line, err := bson.MarshalExtJSON(documentOf(item), false, false)
			if err != nil {
				return err
			}
			_, err = out.Write(append(line, '\n'))
			return err
		})
	})
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s already exists: export into an empty directory", path)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	progress.end()
	return nil
}

// writeLines is durable.File for text.
func writeLines(path string, write func(*bufio.Writer) error) error {
	return durable.File(path, func(part string) error {
		file, err := os.OpenFile(part, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer file.Close()
		out := bufio.NewWriter(file)
		if err := write(out); err != nil {
			return err
		}
		return out.Flush()
	})
}
