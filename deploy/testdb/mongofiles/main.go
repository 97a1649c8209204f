// Command mongofiles does for the tests what mongoimport and mongoexport do,
// where those are not installed: it moves the three collections between a
// database and files with one Extended JSON document per line, or drops the database.
//
//	mongofiles load URI DATABASE DIR
//	mongofiles dump URI DATABASE DIR
//	mongofiles drop URI DATABASE
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// patience is how long the work may take.
const patience = time.Minute

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mongofiles:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	moves := map[string]func(context.Context, *mongo.Collection, string) error{"load": load, "dump": dump}
	drops := len(args) == 3 && args[0] == "drop"
	if !drops && (len(args) != 4 || moves[args[0]] == nil) {
		return fmt.Errorf("usage: mongofiles load|dump URI DATABASE DIR, or drop URI DATABASE")
	}
	client, err := mongo.Connect(options.Client().ApplyURI(args[1]))
	if err != nil {
		return err
	}
	defer client.Disconnect(ctx)
	db := client.Database(args[2])
	if drops {
		return db.Drop(ctx)
	}
	for _, name := range []string{"users", "dbs", "personnels"} {
		file := filepath.Join(args[3], name+".json")
		if err := moves[args[0]](ctx, db.Collection(name), file); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// load adds every document of the file.
func load(ctx context.Context, coll *mongo.Collection, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var docs []bson.Raw
	for line := range bytes.Lines(content) {
		var doc bson.Raw
		if err := bson.UnmarshalExtJSON(line, false, &doc); err != nil {
			return err
		}
		docs = append(docs, doc)
	}
	_, err = coll.InsertMany(ctx, docs)
	return err
}

// dump writes every document to the file.
func dump(ctx context.Context, coll *mongo.Collection, file string) error {
	cursor, err := coll.Find(ctx, bson.D{})
	if err != nil {
		return err
	}
	defer cursor.Close(ctx)
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	lines := bufio.NewWriter(out)
	for cursor.Next(ctx) {
		line, err := bson.MarshalExtJSON(cursor.Current, false, false)
		if err != nil {
			return err
		}
		lines.Write(append(line, '\n'))
	}
	if err := cursor.Err(); err != nil {
		return err
	}
	return lines.Flush()
}
