package dataset

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"officepay.example/shared/office"
)

// The office's past: its length, and the largest upload.
const (
	past      = 3 * 365 * 24 * time.Hour
	maxUpload = 500
	// One record in rareStatus gets another status; one in rareDeletion is deleted.
	rareStatus   = 5
	rareDeletion = 33
)

// maker makes one record after the other, as they were once uploaded: some at
// a time into one database, at one moment.
type maker struct {
	spec  Spec
	rng   *rand.Rand
	began time.Time
	dbs   []office.DB
	sizes []int // of each database in the end
	count []int // of each database so far
	made  int

	upload int // records that the present upload still has
	db     int // its database
	at     time.Time
}

func newMaker(spec Spec) *maker {
	m := &maker{
		spec: spec, rng: rand.New(rand.NewPCG(spec.Seed, uint64(spec.Size))),
		began: spec.Until.Add(-past).UTC().Truncate(time.Millisecond),
	}
	m.sizes = sizes(spec.Size)
	m.count = make([]int, len(m.sizes))
	for i := range m.sizes {
		m.dbs = append(m.dbs, office.DB{
			ID: idAt(m.began, uint32(1000+i)), Name: fmt.Sprintf("Sector %d", i+1), ShortCode: fmt.Sprintf("SEC-%02d", i+1),
			Description: "Everybody of the sector", CreatedAt: m.began.Add(time.Duration(i) * time.Minute),
		})
	}
	return m
}

// sizes shares the records out among 4 databases (for 10,000 records) to 40 (for a
// million). The nth has 1/n of what the first has.
func sizes(records int) []int {
	count := min(40, max(4, int(math.Round(4*math.Sqrt(float64(records)/10_000)))))
	harmonic := 0.0
	for i := range count {
		harmonic += 1 / float64(i+1)
	}
	shares, left := make([]int, count), records
	for i := count - 1; i > 0; i-- {
		shares[i] = int(float64(records) / harmonic / float64(i+1))
		left -= shares[i]
	}
	shares[0] = left
	return shares
}

// next makes a record.
func (m *maker) next() office.Personnel {
	if m.upload == 0 {
		m.begin()
	}
	place := m.count[m.db]
	m.count[m.db]++
	m.made++
	m.upload--
	rng := m.rng
	record := office.Personnel{
		ID: idAt(m.at, uint32(1_000_000+m.made)), DBID: m.dbs[m.db].ID,
		FirstName: pick(rng, firstNames), LastName: lastName(rng), MiddleName: m.middleName(place),
		ArmyNumber:  fmt.Sprintf("%02dNA/%02d/%05d", 60+rng.IntN(39), m.db, 10_000+place),
		PhoneNumber: "080" + digits(rng, 8), Rank: pick(rng, ranks),
		Bank: office.Bank{Name: pick(rng, banks), SortCode: digits(rng, 9)}, AcctNumber: digits(rng, 10),
		SubSector: "Sector " + pick(rng, subSectors), Location: pick(rng, locations), Remark: pick(rng, remarks),
		Status: office.StatusActive, CreatedAt: m.at, UpdatedAt: m.at, Revision: 1,
	}
	m.age(&record)
	return record
}

// age gives some records another status, and deletes some.
func (m *maker) age(record *office.Personnel) {
	if m.rng.IntN(rareStatus) == 0 {
		record.Status = pick(m.rng, office.Statuses)
	}
	isFound := strings.HasPrefix(record.MiddleName, "Q")
	if !isFound && m.rng.IntN(rareDeletion) == 0 {
		record.IsDeleted = true
		record.DeletedAt = m.at.Add(time.Duration(m.rng.Int64N(int64(m.spec.Until.Sub(m.at)) + 1))).Truncate(time.Millisecond)
	}
}

// middleName gives some records, spread evenly over the database, one of the words to
// search for.
func (m *maker) middleName(place int) string {
	size := m.sizes[m.db]
	switch {
	case isNth(place, size, FewMatches):
		return "Qaxbivwe"
	case m.db == 0 && isNth(place-1, size-1, ManyMatches):
		return "Qoyzovhu"
	case m.rng.IntN(2) == 0:
		return pick(m.rng, firstNames)
	}
	return ""
}

// isNth tells whether a place is one of count that are spread evenly over size.
func isNth(place, size, count int) bool {
	if place < 0 || size < count {
		return false
	}
	return (place+1)*count/size > place*count/size
}

// begin begins the next upload, into any database that is not full.
func (m *maker) begin() {
	open := m.rng.IntN(m.spec.Size - m.made)
	for m.db = 0; open >= m.sizes[m.db]-m.count[m.db]; m.db++ {
		open -= m.sizes[m.db] - m.count[m.db]
	}
	m.upload = min(1+m.rng.IntN(maxUpload), m.sizes[m.db]-m.count[m.db])
	share := float64(m.made) / float64(m.spec.Size)
	m.at = m.began.Add(time.Duration(share * float64(past))).Truncate(time.Millisecond)
}

// idAt is an ObjectID of a moment: seconds, and a number that makes it unique.
func idAt(at time.Time, number uint32) office.ID {
	var id office.ID
	binary.BigEndian.PutUint32(id[:4], uint32(at.Unix()))
	copy(id[4:8], "ofis")
	binary.BigEndian.PutUint32(id[8:], number)
	return id
}
