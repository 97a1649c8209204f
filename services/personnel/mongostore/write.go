package mongostore

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"officepay.example/services/personnel"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

func (s Store) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, edit office.Edit) (office.Personnel, office.Entry, error) {
	patched := func(was office.Personnel) (office.Personnel, office.Entry) { return edit.Patch(was, patch) }
	if patch.DBID == nil {
		return s.rewrite(ctx, named(live(scope), id), edit, patched)
	}
	if err := s.CheckDB(ctx, *patch.DBID); err != nil {
		return office.Personnel{}, office.Entry{}, err
	}
	record, entry, err := s.rewrite(ctx, named(live(scope), id), edit, patched)
	if entry.Action != office.ActionMoved || errors.Is(err, office.ErrArmyNumberTaken) {
		return record, entry, err
	}
	settled := s.settle(ctx, err, *patch.DBID, []office.ID{id})
	if err == nil && errors.Is(settled, office.ErrDBNotFound) {
		settled = nil // the deletion took the record with it, as if it had begun after the move
	}
	return record, entry, settled
}

// UpdateAll implements personnel.Store. A few commands change many records, each as one
// step if it still is as it was read. Where some are not, all are read again: the history
// of those that were changed says so.
func (s Store) UpdateAll(ctx context.Context, db office.ID, patches []personnel.RecordPatch, edit office.Edit) (missing []int, err error) {
	for first := 0; first < len(patches) && err == nil; first += updatesAtOnce {
		var gone []int
		gone, err = s.updateSome(ctx, office.ScopeOf(db), patches[first:min(first+updatesAtOnce, len(patches))], edit)
		missing = append(missing, office.Convert(gone, func(i int) int { return first + i })...)
	}
	return missing, err
}

// updatesAtOnce is how many records one command changes. Their histories are read before
// it, without the changes: 60 KB of each at most.
const updatesAtOnce = 100

func (s Store) updateSome(ctx context.Context, scope office.Scope, patches []personnel.RecordPatch, edit office.Edit) (missing []int, err error) {
	ids := office.Convert(patches, func(patch personnel.RecordPatch) office.ID { return patch.ID })
	entries := make([]office.Entry, len(patches)) // which the last attempt was to add
	err = mongodb.Repeat(ctx, func() (done bool, err error) {
		docs, err := s.Client.RecordsWithBriefHistory().Find(ctx, named(live(scope), ids...), mongodb.Part{})
		if err != nil {
			return false, err
		}
		found := map[office.ID]office.RecordWithHistory{}
		for _, doc := range docs {
			found[doc.Value().ID] = doc.Value()
		}
		missing = nil
		var updates []mongo.WriteModel
		for i, patch := range patches {
			was, isThere := found[patch.ID]
			record, entry := edit.Patch(was.Personnel, patch.Patch)
			switch {
			case !isThere:
				missing = append(missing, i)
			case entries[i].Revision > 0 && hasEntry(was.History, entries[i]): // changed by an earlier attempt
			case entry.Revision == 0: // nothing changes
			case len(was.History) < office.MaxEntries:
				entries[i] = entry
				updates = append(updates, mongo.NewUpdateOneModel().SetFilter(asRead(was.Personnel)).SetUpdate(update(was, record, entry)))
			default:
				_, entries[i], err = s.Update(ctx, scope, patch.ID, patch.Patch, edit)
				if errors.Is(err, office.ErrNotFound) {
					missing = append(missing, i)
				} else if err != nil {
					return false, err
				}
			}
		}
		made, err := s.Client.Records().Write(ctx, len(updates), updates...)
		return made == len(updates), err
	})
	return missing, err
}

func hasEntry(history office.History, entry office.Entry) bool {
	return slices.ContainsFunc(history, func(e office.Entry) bool {
		return e.Revision == entry.Revision && e.At.Equal(entry.At) && e.By == entry.By
	})
}

// rewrite reads the record that the filter matches, and writes what becomes of it.
// The command names the revision that was read, and is repeated when there is another
// by then: so two who change a record do not undo each other, and each entry follows
// from the one before. It also names db_id and army_number, which lead a sharded cluster
// to the shard that has the record.
func (s Store) rewrite(ctx context.Context, filter bson.M, edit office.Edit, become func(office.Personnel) (office.Personnel, office.Entry)) (record office.Personnel, entry office.Entry, err error) {
	err = mongodb.Repeat(ctx, func() (done bool, err error) {
		doc, err := s.Client.RecordsWithBriefHistory().One(ctx, filter)
		if err == nil && len(doc.Value().History) >= office.MaxEntries { // it has to be written anew
			release, busy := s.full.Acquire(ctx, edit.By.ID.Hex(), 1)
			if busy != nil {
				return false, busy
			}
			defer release()
			doc, err = s.Client.RecordsWithHistory().One(ctx, filter)
		}
		if err != nil {
			return false, err
		}
		was := doc.Value()
		if !edit.Matches(was.Revision) {
			record = was.Personnel
			return false, office.ErrStale
		}
		if record, entry = become(was.Personnel); entry.Revision == 0 {
			return true, nil
		}
		return s.Client.Records().Update(ctx, asRead(was.Personnel), update(was, record, entry))
	})
	return record, entry, mongodb.Taken(err, office.ErrArmyNumberTaken)
}

// asRead matches a record while it is what was read.
func asRead(was office.Personnel) bson.M {
	return bson.M{
		"_id": was.ID, "isDeleted": was.IsDeleted, "db_id": was.DBID.Hex(), "army_number": was.ArmyNumber,
		"revision": mongodb.AnyOf(revisions(was.Revision)),
	}
}

// revisions are the values that these revisions may have in a document: where another
// program has written it, the first one may be missing.
func revisions(of ...int) (all []any) {
	for _, revision := range of {
		all = append(all, revision)
	}
	if slices.Contains(of, 1) {
		all = append(all, nil)
	}
	return all
}

// update is the command that turns the record that was read into another. A full history is
// written anew, since $push cannot drop an entry from the middle, and so is an empty one,
// which may not be a list.
func update(was office.RecordWithHistory, is office.Personnel, entry office.Entry) bson.M {
	set := document.Changes(was.Personnel, is)
	if is.DBID != was.DBID || is.ArmyNumber != was.ArmyNumber {
		set["deleted_at"] = nil // it may have been told apart from another record with its number
	}
	if n := len(was.History); n == 0 || n >= office.MaxEntries {
		set["history"] = office.Convert(append(was.History, entry).Kept(), document.EntryOf)
		return bson.M{"$set": set}
	}
	return bson.M{"$set": set, "$push": bson.M{"history": document.EntryOf(entry)}}
}

// Delete implements personnel.Store. One command deletes all, and marks them with a new id,
// by which the next command finds them. Deleted records with one number are told apart by
// the time of their deletion; where that is taken, what is left is deleted a little later.
// The entries lack what differs from record to record; see document.Read.
func (s Store) Delete(ctx context.Context, scope office.Scope, ids []office.ID, edit office.Edit) ([]office.ID, error) {
	filter, deletion := named(live(scope), ids...), office.NewID()
	if edit.IfMatch != nil {
		filter["revision"] = bson.M{"$in": revisions(edit.IfMatch...)}
	}
	for later := time.Millisecond; ; later *= 2 {
		entry := document.EntryOf(office.Entry{At: edit.At, Action: office.ActionDeleted, By: edit.By})
		err := s.Client.Records().UpdateAll(ctx, len(ids), filter, bson.M{
			"$set":  bson.M{"isDeleted": true, "deleted_at": edit.At, "deletion": deletion, "updated_at": edit.At},
			"$inc":  bson.M{"revision": 1},
			"$push": bson.M{"history": entry},
		})
		if err == nil {
			break
		}
		if !errors.Is(err, mongodb.ErrDuplicate) {
			return nil, err
		}
		edit.At = edit.At.Add(later)
	}
	deleted, err := s.Client.IDs().Find(ctx, bson.M{"_id": mongodb.AnyOf(ids), "deletion": deletion}, mongodb.Part{})
	return office.Convert(deleted, idOf), err
}

func (s Store) Restore(ctx context.Context, scope office.Scope, id office.ID, edit office.Edit) (office.Personnel, office.Entry, error) {
	return s.rewrite(ctx, named(within(scope), id), edit, func(was office.Personnel) (office.Personnel, office.Entry) {
		if !was.IsDeleted {
			return was, office.Entry{}
		}
		return edit.Restore(was)
	})
}
