package personnel

import (
	"net/url"
	"runtime"
	"strings"
	"time"

	"officepay.example/shared/limit"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

const (
	maxUpload     = 16 << 20 // bytes
	maxBulkDelete = 1 << 20  // bytes: 10000 ids of 24 digits, with room for blanks
	uploadTimeout = time.Minute
	// streamTimeout is how long everything may take to reach the client.
	streamTimeout = 10 * time.Minute
	// checksTimeout is how long the checks of everything may take.
	checksTimeout = 30 * time.Second
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := &service{deps}
	user := token.Guard{Keys: deps.Keys, Users: deps.Store}.User
	uploads, pages, searches := limits()
	scans := web.Limit{PerUser: searches.PerUser} // which cost as much as a search
	checks := web.Limit{PerUser: limit.NewPerUser("checks", max(1, runtime.GOMAXPROCS(0)/2), checksWaiting)}
	return []web.Route{
		web.On("POST", "/personnels", user, s.create),
		web.On("GET", "/personnels", user, s.list).Within(web.Limits{Timeout: streamTimeout, Memory: pages}),
		web.On("GET", "/personnels/checks", user, s.checks).Within(web.Limits{Timeout: checksTimeout, Work: checks}),
		web.On("GET", "/personnels/{id}", user, s.get),
		web.On("PATCH", "/personnels/{id}", user, s.update),
		web.On("DELETE", "/personnels/{id}", user, s.delete),
		web.On("GET", "/personnels/db/{db_id}", user, s.listDB).Within(web.Limits{Memory: pages, Work: searches}),
		web.On("GET", "/personnels/db/{db_id}/export", user, s.export).Within(web.Limits{Timeout: streamTimeout}),
		web.On("GET", "/personnels/db/{db_id}/schedule", user, s.schedule).Within(web.Limits{Timeout: streamTimeout}),
		web.On("GET", "/personnels/history/{id}", user, s.history),
		web.On("GET", "/personnels/db/{db_id}/changes", user, s.changes).Within(web.Limits{Memory: pages, Work: scans}),
		web.On("GET", "/personnels/db/{db_id}/trash", user, s.trash).Within(web.Limits{Memory: pages, Work: searches}),
		web.On("POST", "/personnels/restore/{id}", user, s.restore).WithoutBody(),
		web.On("POST", "/personnels/upload", user, s.upload).Within(web.Limits{
			MaxBody: maxUpload, Types: []string{web.JSON, csvType}, Timeout: uploadTimeout, Memory: uploads,
		}),
		web.On("DELETE", "/personnels/bulk-delete", user, s.bulkDelete).Within(web.Limits{MaxBody: maxBulkDelete, Timeout: uploadTimeout}),
	}
}

// uploadsAtOnce of the largest size need some 200 MB, pagesAtOnce 80 MB, and
// waiting ones nothing. Both wait for their client too: an upload until it has
// arrived, and a page until it is read.
const (
	uploadsAtOnce   = 4
	uploadsWaiting  = 28
	pagesAtOnce     = 8
	pagesWaiting    = 56
	searchesWaiting = 48
	checksWaiting   = 16
	// largePage is from how many records on a page counts as one of pagesAtOnce.
	largePage = 1000
)

// limits are those of uploads and large pages, each of which is in memory as a
// whole, and of searches, each of which may read a whole database: at most half
// of the processors search, so that the other half answers everything else
// meanwhile.
func limits() (uploads, pages, searches web.Limit) {
	uploads.PerUser = limit.NewPerUser("uploads", uploadsAtOnce, uploadsWaiting)
	pages.PerUser = limit.NewPerUser("large pages", pagesAtOnce, pagesWaiting)
	pages.Only = func(query url.Values) bool {
		page, err := web.ReadPage(query)
		return err == nil && page.Limit > largePage
	}
	searches.PerUser = limit.NewPerUser("searches", max(1, runtime.GOMAXPROCS(0)/2), searchesWaiting)
	searches.Only = func(query url.Values) bool { return strings.TrimSpace(query.Get("search")) != "" }
	return uploads, pages, searches
}
