package mongostore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/personnel"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Update implements personnel.Store.
func (s Store) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, edit office.Edit) (office.Personnel, office.Entry, error) {
	change := func(record office.Personnel) (office.Personnel, office.Entry) { return edit.Patch(record, patch) }
	if patch.DBID == nil {
		return s.change(ctx, named(scope, id), edit, change)
	}
	if err := s.CheckDB(ctx, *patch.DBID); err != nil {
		return office.Personnel{}, office.Entry{}, err
	}
	record, entry, err := s.change(ctx, named(scope, id), edit, change)
	switch {
	case entry.Action != office.ActionMoved, errors.Is(err, office.ErrArmyNumberTaken):
		return record, entry, err
	case err != nil:
		return record, entry, s.afterFailure(ctx, err, *patch.DBID, []office.ID{id})
	}
	// A database whose deletion began meanwhile takes the record with it, as
	// if it had begun afterwards.
	err = s.takeBack(context.WithoutCancel(ctx), *patch.DBID, []office.ID{id})
	if errors.Is(err, office.ErrDBNotFound) {
		return record, entry, nil
	}
	return record, entry, err
}

// updatesAtOnce is how many changes are on their way to the server at a time.
const updatesAtOnce = 64

// UpdateAll implements personnel.Store. Each change is a step of its own.
func (s Store) UpdateAll(ctx context.Context, db office.ID, changes []personnel.RecordPatch, edit office.Edit) (missing []int, err error) {
	errs := make([]error, len(changes))
	var running sync.WaitGroup
	var next atomic.Int64
	for range min(updatesAtOnce, len(changes)) {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(changes); i = int(next.Add(1)) - 1 {
				_, _, errs[i] = s.Update(ctx, office.ScopeOf(db), changes[i].ID, changes[i].Patch, edit)
			}
		})
	}
	running.Wait()
	for i := range errs {
		if errors.Is(errs[i], office.ErrNotFound) {
			missing, errs[i] = append(missing, i), nil
		}
		err = cmp.Or(err, errs[i])
	}
	return missing, err
}

// change reads the record that the filter matches, and writes what make makes of it.
// The command names the revision that was read, and is repeated when there is another
// by then: so two who change a record do not undo each other, and each entry follows
// from the one before. Of what else it names, db_id and army_number lead a sharded
// cluster to the shard that has the record.
func (s Store) change(ctx context.Context, filter bson.M, edit office.Edit, make func(office.Personnel) (office.Personnel, office.Entry)) (record office.Personnel, entry office.Entry, err error) {
	err = mongodb.Repeat(ctx, func() (done bool, err error) {
		doc, err := s.Client.Traced().One(ctx, filter)
		if err == nil && len(doc.History) >= office.MaxEntries { // which has to be written anew
			release, full := s.full.Acquire(ctx, edit.By.ID.Hex())
			if full != nil {
				return false, full
			}
			defer release()
			doc, err = s.Client.Recorded().One(ctx, filter)
		}
		if err != nil {
			return false, err
		}
		was := doc.Value
		if !edit.Matches(was.Revision) {
			record = was
			return false, office.ErrStale
		}
		if record, entry = make(was); entry.Revision == 0 {
			return true, nil
		}
		asRead := bson.M{
			"_id": was.ID, "isDeleted": was.IsDeleted, "db_id": was.DBID.Hex(), "army_number": was.ArmyNumber,
			"revision": mongodb.AnyOf(revisions(was.Revision)),
		}
		return s.Client.Records().Update(ctx, asRead, update(was, record, entry, doc.History))
	})
	return record, entry, mongodb.Taken(err, office.ErrArmyNumberTaken)
}

// revisions are those that a document may have whose record has this one: it may lack
// that which is the first, where somebody else has written it.
func revisions(of ...int) (all []any) {
	for _, revision := range of {
		all = append(all, revision)
	}
	if slices.Contains(of, 1) {
		all = append(all, nil)
	}
	return all
}

// update makes of one state of a record another. An optional text that has no value
// is null. A history that has as many entries as are kept is written anew, since $push
// leaves out none in the middle; and so is an empty one, which may be no list.
func update(was, is office.Personnel, entry office.Entry, history office.History) bson.M {
	set := bson.M{"updated_at": is.UpdatedAt, "revision": is.Revision, "search_text": is.SearchText()}
	for _, change := range entry.Changes {
		set[change.Field] = change.To
	}
	for _, optional := range []string{"middle_name", "location", "remark"} {
		if set[optional] == "" {
			set[optional] = nil
		}
	}
	if checks := is.FailedChecks(); !slices.Equal(checks, was.FailedChecks()) {
		set["checks"] = append([]office.Check{}, checks...)
	}
	if is.BankChangedAt != was.BankChangedAt {
		set["bank_changed_at"] = is.BankChangedAt
	}
	if is.DBID != was.DBID || is.ArmyNumber != was.ArmyNumber || was.IsDeleted {
		set["isDeleted"], set["deleted_at"] = false, nil // at last unique, if it shared its number with another record before
	}
	if len(history) == 0 || len(history) >= office.MaxEntries {
		set["history"] = document.Entries(append(history, entry).Kept())
		return bson.M{"$set": set}
	}
	return bson.M{"$set": set, "$push": bson.M{"history": document.EntryOf(entry)}}
}

// Delete implements personnel.Store. One command deletes all, and marks what it
// has deleted with an id made for it, by which the next finds that. Deleted
// records with one number are told apart by the time of their deletion; where
// that is taken, what is left is deleted a little later. The entries lack what
// differs from record to record; see document.ReadRecorded.
func (s Store) Delete(ctx context.Context, scope office.Scope, ids []office.ID, edit office.Edit) ([]office.ID, error) {
	if len(ids) == 0 {
		return []office.ID{}, nil
	}
	filter, deletion := named(scope, ids...), office.NewID()
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
	type key struct {
		ID office.ID `bson:"_id"`
	}
	keys, err := mongodb.CollectionOf[key](s.Client, "personnels").Find(ctx,
		bson.M{"_id": mongodb.AnyOf(ids), "deletion": deletion}, mongodb.Part{Fields: []string{"_id"}})
	return mongodb.Convert(keys, func(k key) office.ID { return k.ID }), err
}

// Restore implements personnel.Store.
func (s Store) Restore(ctx context.Context, scope office.Scope, id office.ID, edit office.Edit) (office.Personnel, office.Entry, error) {
	filter := within(scope)
	filter["_id"] = id
	return s.change(ctx, filter, edit, func(record office.Personnel) (office.Personnel, office.Entry) {
		if !record.IsDeleted {
			return record, office.Entry{}
		}
		return edit.Restore(record)
	})
}
