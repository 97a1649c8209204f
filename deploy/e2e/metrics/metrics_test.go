// Package metrics reads what a process shows at METRICS_ADDR with Prometheus' own parser
// (promise 44).
package metrics

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"officepay.example/shared/limit"
	"officepay.example/shared/metrics"
	"officepay.example/shared/office"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

// shown is what Prometheus reads at an address.
func shown(t *testing.T, address string) map[string]*dto.MetricFamily {
	t.Helper()
	res, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if format := expfmt.ResponseFormat(res.Header); format.FormatType() != expfmt.TypeTextPlain {
		t.Errorf("the format is %q", res.Header.Get("Content-Type"))
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// find is the series of a family with a value of a label, or the only one it has.
func find(t *testing.T, families map[string]*dto.MetricFamily, name, label, value string) *dto.Metric {
	t.Helper()
	for _, series := range families[name].GetMetric() {
		if label == "" {
			return series
		}
		for _, pair := range series.GetLabel() {
			if pair.GetName() == label && pair.GetValue() == value {
				return series
			}
		}
	}
	t.Fatalf("%s has no series with %s=%q: %v", name, label, value, families[name])
	return nil
}

func TestMetricsAreRead(t *testing.T) {
	address := freeAddress(t)
	logger := slog.New(slog.DiscardHandler)
	if err := serve.ServeMetrics(t.Context(), address, logger); err != nil {
		t.Fatal(err)
	}
	fails := func(context.Context, *web.Request) (*web.Answer, error) { return nil, office.ErrUnavailable }
	server := web.NewServer(web.Options{Logger: logger}, []web.Route{web.On("GET", "/things/{id}", nil, fails)})
	for range 3 {
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/things/0123456789abcdef01234567?search=secret", nil))
	}
	full := limit.New("things", limit.Size{Slots: 1})
	for i := range 2 {
		if _, err := full.TryAcquire("somebody"); (err != nil) != (i == 1) {
			t.Fatal("the limiter has not one slot")
		}
	}
	metrics.Counter("office_odd_total", "Odd.", "label").Of("a \"quoted\" \\ and\nbroken one").Add(1)

	families := shown(t, address)
	requests := find(t, families, "office_request_duration_seconds", "route", "GET /things/{id}")
	if n := requests.GetHistogram().GetSampleCount(); n != 3 {
		t.Errorf("%d requests were counted, want 3", n)
	}
	if status := find(t, families, "office_request_duration_seconds", "status", "503"); status != requests {
		t.Error("the status is of another series")
	}
	if n := find(t, families, "office_store_unavailable_total", "", "").GetCounter().GetValue(); n != 3 {
		t.Errorf("%v requests found no store, want 3", n)
	}
	if n := find(t, families, "office_limiter_refused_total", "limiter", "things").GetCounter().GetValue(); n != 1 {
		t.Errorf("%v were refused, want 1", n)
	}
	find(t, families, "office_odd_total", "label", "a \"quoted\" \\ and\nbroken one")
	if n := find(t, families, "go_goroutines", "", "").GetGauge().GetValue(); n < 1 {
		t.Errorf("there are %v goroutines", n)
	}
}

// Promise 44: nothing but the metrics is at their address, and nothing that a client sent is in
// them.
func TestMetricsAlone(t *testing.T) {
	address := freeAddress(t)
	if err := serve.ServeMetrics(t.Context(), address, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/metrics": 200, "/": 404, "/readyz": 404, "/personnels": 404} {
		res, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, res.StatusCode, want)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
