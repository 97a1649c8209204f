package legacy_test

import (
	"bytes"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// alpha is a database, and secret what stands in odd documents and in no log.
var alpha = officetest.DB(1, officetest.Coded("ALPHA"))

const secret = "53cr37"

// oddly is a document as it is written today, with other values in some fields.
func oddly(t *testing.T, doc any, changes bson.M) bson.M {
	t.Helper()
	content, err := bson.Marshal(doc)
	officetest.Must(t, err)
	var changed bson.M
	officetest.Must(t, bson.Unmarshal(content, &changed))
	delete(changed, "schema_version")
	maps.Copy(changed, changes)
	return changed
}

// odd is a document with other values in some fields, and what a record is then.
type odd struct {
	changes bson.M
	want    func(*office.Personnel)
}

// taken are those that can be taken.
var taken = []odd{
	{bson.M{}, func(*office.Personnel) {}},
	{bson.M{"acct_number": int64(1234567890)}, func(p *office.Personnel) { p.AcctNumber = "1234567890" }},
	{bson.M{"db_id": alpha.ID}, func(*office.Personnel) {}},
	{bson.M{"db_id": "alpha\u200b "}, func(*office.Personnel) {}},
	{bson.M{"db_id": strings.ToUpper(alpha.ID.Hex())}, func(*office.Personnel) {}},
	{bson.M{"db_id": secret}, func(p *office.Personnel) { p.DBID = office.ID{} }},
	{bson.M{"db_id": bson.M{"of": secret}}, func(p *office.Personnel) { p.DBID = office.ID{} }},
	{bson.M{"first_name": "A\u030Ake "}, func(p *office.Personnel) { p.FirstName = "Åke" }},
	{bson.M{"first_name": nil, "bank": bson.D{{Key: "name", Value: "First"}, {Key: "branch", Value: 7}}}, func(p *office.Personnel) { p.FirstName, p.Bank = "", office.Bank{Name: "First"} }},
	{bson.M{"created_at": "2025-11-28T09:00:00Z"}, func(p *office.Personnel) { p.CreatedAt = time.Date(2025, 11, 28, 9, 0, 0, 0, time.UTC) }},
	{bson.M{"isDeleted": 0, "status": "AWOL "}, func(p *office.Personnel) { p.Status = office.StatusAWOL }},
}

// refused are fields that cannot be taken.
var refused = []bson.M{
	{"created_at": bson.DateTime(1700000000000000)}, {"first_name": secret + "\x00"}, {"rank": bson.M{"de": bson.M{"ep": secret}}},
	{"remark": strings.Repeat(secret, 200)}, {"isDeleted": bson.A{}, "db_id": bson.A{}}, {"last_name": true},
	{"acct_number": 1.5},
}

// The embedded server keeps neither what is not a number nor lists of lists.
func init() {
	if os.Getenv("MONGO_URI") == "" {
		return
	}
	for _, nan := range []any{math.NaN(), bson.NewDecimal128(0x7c00000000000000, 0)} {
		taken = append(taken, odd{bson.M{"acct_number": nan, "remark": nan}, func(p *office.Personnel) { p.AcctNumber, p.Remark = "", "" }})
	}
	taken = append(taken, odd{bson.M{"db_id": deep(90)}, func(p *office.Personnel) { p.DBID = office.ID{} }})
	refused = append(refused, bson.M{"updated_at": deep(90)})
}

func deep(levels int) (v any) {
	for range levels {
		v = bson.A{v}
	}
	return v
}

// seedOdd fills a database with odd documents, and returns the records that are
// to be served then.
func seedOdd(t *testing.T, db *mongo.Database) (want []office.Personnel) {
	t.Helper()
	insert := func(collection string, doc bson.M) {
		_, err := db.Collection(collection).InsertOne(t.Context(), doc)
		officetest.Must(t, err)
	}
	insert("dbs", oddly(t, document.Of(alpha), nil))
	insert("dbs", oddly(t, document.Of(officetest.DB(2)), bson.M{"_id": officetest.DB(2).ID.Hex()}))
	insert("dbs", bson.M{"_id": "HQ", "name": bson.A{}})
	insert("users", oddly(t, document.Of(officetest.User(1)), bson.M{"army_number": "N/1 ", "allowed_dbs": bson.A{alpha.ID, secret}}))
	insert("users", oddly(t, document.Of(officetest.User(2)), bson.M{"army_number": "N/1"}))
	insert("users", oddly(t, document.Of(officetest.User(3)), bson.M{"session": secret}))
	for n, test := range taken {
		record := officetest.Personnel(n, alpha.ID)
		insert("personnels", oddly(t, document.Of(record), test.changes))
		test.want(&record)
		want = append(want, record)
	}
	for n, changes := range refused {
		insert("personnels", oddly(t, document.Of(officetest.Personnel(100+n, alpha.ID)), changes))
	}
	twin := officetest.Personnel(50, alpha.ID, officetest.Numbered(want[0].ArmyNumber))
	insert("personnels", oddly(t, document.Of(twin), bson.M{"army_number": twin.ArmyNumber + "\u200b"}))
	numbered := officetest.Personnel(51, alpha.ID)
	insert("personnels", oddly(t, document.Of(numbered), bson.M{"_id": numbered.ID.Hex()}))
	return append(want, twin, numbered)
}

// served are the records that a service serves, by id.
func served(t *testing.T, config mongodb.Config) []office.Personnel {
	t.Helper()
	client := mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	docs, err := client.Records().Find(t.Context(), bson.M{}, mongodb.Part{Sort: mongodb.Ascending("_id")})
	officetest.Must(t, err)
	return office.Convert(docs, document.Personnel.Value)
}

func byID(a, b office.Personnel) int { return bytes.Compare(a.ID[:], b.ID[:]) }

// What somebody else wrote is served as what it clearly means, and else set aside
// as it was, and named by id and field, without its values.
func TestRepairOddDocuments(t *testing.T) {
	config := mongotest.Config(t)
	db := mongotest.Raw(t, config)
	want := seedOdd(t, db)
	before := everything(t, db)
	log := prepare(t, config)
	officetest.Equal(t, "what is served", served(t, config), slices.SortedFunc(slices.Values(want), byID))
	asideDBs, asideUsers := all(t, db, "dbs_set_aside"), all(t, db, "users_set_aside")
	if len(asideDBs) != 1 || len(asideUsers) != 1 || len(all(t, db, "dbs")) != 2 || len(all(t, db, "users")) != 2 {
		t.Errorf("set aside are the databases %v and the users %v", asideDBs, asideUsers)
	}
	for n, changes := range refused {
		id := officetest.Personnel(100+n, alpha.ID).ID
		officetest.Equal(t, "what is set aside", all(t, db, "personnels_set_aside")[id], before["personnels"][id])
		for field := range changes {
			if named := "id=" + id.Hex() + " field=" + field; !strings.Contains(log, named) && field != "db_id" {
				t.Errorf("the log does not name %q:\n%s", named, log)
			}
		}
	}
	if strings.Contains(log, secret) {
		t.Errorf("the log holds a value:\n%s", log)
	}
	for line := range strings.Lines(prepare(t, config)) {
		if !strings.Contains(line, "is set aside") {
			t.Errorf("a second start logs %s", line)
		}
	}
	officetest.Equal(t, "what the database was", all(t, db, "personnels")[want[5].ID]["former_db_id"], any(secret))
	bank := all(t, db, "personnels")[want[8].ID]["bank"]
	officetest.Equal(t, "a bank", bank, any(bson.D{{Key: "name", Value: "First"}, {Key: "branch", Value: int32(7)}}))
}

// Several replicas that start at once repair alike.
func TestRepairOddDocumentsAtOnce(t *testing.T) {
	config := mongotest.Config(t)
	want := seedOdd(t, mongotest.Raw(t, config))
	officetest.WantEach(t, officetest.Race(3, func(int) error {
		return mongotest.Connect(t, config).Prepare(t.Context(), slog.New(slog.DiscardHandler))
	}))
	officetest.Equal(t, "what is served", served(t, config), slices.SortedFunc(slices.Values(want), byID))
	officetest.Equal(t, "how many are set aside", len(all(t, mongotest.Raw(t, config), "personnels_set_aside")), len(refused))
}

// While a database is set aside, who was allowed it stays so.
func TestSetAsideDatabaseStaysAllowed(t *testing.T) {
	config := mongotest.Config(t)
	db := mongotest.Raw(t, config)
	user := officetest.User(1, officetest.Allowed(alpha.ID))
	_, err := db.Collection("dbs").InsertOne(t.Context(), oddly(t, document.Of(alpha), bson.M{"created_at": "once"}))
	officetest.Must(t, err)
	_, err = db.Collection("users").InsertOne(t.Context(), oddly(t, document.Of(user), bson.M{"army_number": user.ArmyNumber + " "}))
	officetest.Must(t, err)
	for range 2 {
		client := mongotest.Connect(t, config)
		mongotest.Prepare(t, client)
		found, err := client.Users().One(t.Context(), bson.M{"_id": user.ID})
		officetest.Must(t, err)
		officetest.Equal(t, "the user", found.Value(), user)
	}
	officetest.Equal(t, "the number that is set aside", len(all(t, db, "dbs_set_aside")), 1)
}

// Who mends what was set aside has it back after the next start.
func TestMendedDocumentComesBack(t *testing.T) {
	config := mongotest.Config(t)
	db := mongotest.Raw(t, config)
	record := officetest.Personnel(1, alpha.ID)
	_, err := db.Collection("personnels").InsertOne(t.Context(), oddly(t, document.Of(record), bson.M{"created_at": "once"}))
	officetest.Must(t, err)
	officetest.Equal(t, "the number that is served", len(served(t, config)), 0)
	_, err = db.Collection("personnels_set_aside").UpdateByID(t.Context(), record.ID, bson.M{"$set": bson.M{"created_at": record.CreatedAt}})
	officetest.Must(t, err)
	officetest.Equal(t, "what is served", served(t, config), []office.Personnel{record})
	officetest.Equal(t, "the number that is set aside", len(all(t, db, "personnels_set_aside")), 0)
}
