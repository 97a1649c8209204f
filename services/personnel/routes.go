package personnel

import (
	"net/url"
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
	// streamTimeout is how long a whole list or file may take to reach the client.
	streamTimeout = 10 * time.Minute
	// pageTimeout is how long a page may take to be made and to reach the client: one of
	// 10000 records has some 6 MB, and one of the checks reads every record.
	pageTimeout = 30 * time.Second
)

// Routes is the route table of the service.
func Routes(deps Deps) []web.Route {
	s := &service{deps}
	user := token.Guard{Keys: deps.Keys, Users: deps.Store}.User
	uploads := web.Limit{Limiter: limit.New("uploads in memory", limit.Size{Slots: uploadsAtOnce, Waiting: uploadsWaiting})}
	uploading := web.Limit{Limiter: limit.New("uploads at work", limit.Size{Slots: 1, Waiting: uploadsWaiting})}
	pageLimiter := limit.New("pages", limit.Size{Slots: pagesAtOnce, PerUser: pagesAtOnce / 2, Waiting: pagesWaiting})
	pages, lists := web.Limit{Limiter: pageLimiter, Slots: pageSlots}, web.Limit{Limiter: pageLimiter, Slots: listSlots}
	histories := web.Limit{Limiter: limit.New("histories", limit.Size{Slots: historiesAtOnce, Waiting: historiesWaiting})}
	// Each search may read a whole database.
	searches := web.Limit{Limiter: limit.New("searches", limit.Size{Slots: limit.HalfOfProcessors(), Waiting: searchesWaiting}), Slots: searchSlots}
	checks := web.Limit{Limiter: limit.New("checks", limit.Size{Slots: limit.HalfOfProcessors(), Waiting: checksWaiting})}
	return []web.Route{
		web.On("POST", "/personnels", user, s.create),
		web.On("GET", "/personnels", user, s.list).Within(web.Limits{Timeout: streamTimeout, Memory: lists, Work: searches}),
		web.On("GET", "/personnels/checks", user, s.checks).Within(web.Limits{Timeout: pageTimeout, Work: checks}),
		web.On("GET", "/personnels/{id}", user, s.get),
		web.On("PATCH", "/personnels/{id}", user, s.update),
		web.On("DELETE", "/personnels/{id}", user, s.delete),
		web.On("GET", "/personnels/db/{db_id}", user, s.listDB).Within(web.Limits{Timeout: pageTimeout, Memory: pages, Work: searches}),
		web.On("GET", "/personnels/db/{db_id}/export", user, s.export).Within(web.Limits{Timeout: streamTimeout}),
		web.On("GET", "/personnels/db/{db_id}/schedule", user, s.schedule).Within(web.Limits{Timeout: streamTimeout}),
		web.On("GET", "/personnels/history/{id}", user, s.history).Within(web.Limits{Timeout: pageTimeout, Memory: histories}),
		web.On("GET", "/personnels/db/{db_id}/changes", user, s.changes).Within(web.Limits{Timeout: pageTimeout, Memory: histories}),
		web.On("GET", "/personnels/db/{db_id}/trash", user, s.trash).Within(web.Limits{Timeout: pageTimeout, Memory: pages, Work: searches}),
		web.On("POST", "/personnels/restore/{id}", user, s.restore).WithoutBody(),
		web.On("POST", "/personnels/upload", user, s.upload).Within(web.Limits{
			MaxBody: maxUpload, Types: []string{web.JSON, csvType}, Timeout: uploadTimeout, Memory: uploads, Work: uploading,
		}),
		web.On("DELETE", "/personnels/bulk-delete", user, s.bulkDelete).Within(web.Limits{MaxBody: maxBulkDelete, Timeout: uploadTimeout}),
	}
}

// How much may be in memory at a time, of what stays there as a whole until the client has
// read the answer. The rest waits.
const (
	// uploadsAtOnce of the largest need 115 MB: 100 MB for the one that is stored (60 MB
	// if it is JSON), and 15 MB for the answer of the other.
	uploadsAtOnce  = 2
	uploadsWaiting = 28
	// pagesAtOnce is how many records may be in pages. The largest take 18 KB each while
	// their page is made and written.
	pagesAtOnce  = 1500
	pagesWaiting = 256
	// historiesAtOnce of the longest need some 45 MB each.
	historiesAtOnce  = 2
	historiesWaiting = 56

	searchesWaiting = 64 // so that as many users may each ask once
	// farOffset is the offset from which a page counts as a search, because the records
	// before it are skipped one by one.
	farOffset     = 10_000
	checksWaiting = 16
)

// pageSlots is how many records a page may have; 0 if it is written in steps.
func pageSlots(query url.Values) int {
	page, err := web.ReadPage(query)
	if err != nil || page.Limit > streamStep {
		return 0
	}
	return page.Limit
}

// listSlots is pageSlots for a list that may be asked for as a whole.
func listSlots(query url.Values) int {
	if isStream(query) {
		return 0
	}
	return pageSlots(query)
}

// searchSlots is 1 for a search or a page far from the beginning, and otherwise 0.
func searchSlots(query url.Values) int {
	page, err := web.ReadPage(query)
	if strings.TrimSpace(query.Get("search")) == "" && (err != nil || page.Offset() < farOffset) {
		return 0
	}
	return 1
}
