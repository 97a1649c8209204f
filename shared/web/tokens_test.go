package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// stream is what both readers of tokens can do.
type stream interface {
	Token() (json.Token, error)
	More() bool
	InputOffset() int64
}

// told is all that a stream tells of a body.
func told(s stream) (all []string) {
	for range 1 << 20 {
		token, err := s.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		all = append(all, fmt.Sprintf("%T %v %v", token, token, err))
		if err != nil {
			return all
		}
		all = append(all, fmt.Sprint(s.InputOffset(), s.More()))
	}
	return all
}

func decoderOf(body string) *json.Decoder {
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	return dec
}

// randomJSON is a value in JSON with blanks here and there.
func randomJSON(rng *rand.Rand, depth int) string {
	blank := func() string { return strings.Repeat(string(" \t\r\n"[rng.IntN(4)]), rng.IntN(3)/2) }
	leaves := []string{`null`, `true`, `false`, `0`, `-1.5e+9`, `12345678901234567890`, `""`, `"a"`, `"\""`, `"\\"`, `"\\\\\""`,
		`"a,b:c]d}e{[ "`, `"é日😀"`, `"\u00e9\ud83d\ude00\n"`, `"\/"`, "\"\u2028\""}
	kind := rng.IntN(6)
	if depth == 0 || kind > 2 {
		return blank() + leaves[rng.IntN(len(leaves))] + blank()
	}
	var parts []string
	for i := range rng.IntN(4) {
		part := randomJSON(rng, depth-1)
		if kind > 0 {
			part = fmt.Sprintf(`%s"k%d"%s:%s`, blank(), i, blank(), part)
		}
		parts = append(parts, part)
	}
	inner := strings.Join(parts, ",") + blank()
	if kind > 0 {
		return blank() + "{" + inner + "}" + blank()
	}
	return blank() + "[" + inner + "]" + blank()
}

func TestTokensAreThoseOfADecoder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		body := randomJSON(rng, 4)
		if !json.Valid([]byte(body)) {
			t.Fatalf("the test makes JSON that is not valid: %s", body)
		}
		if got, want := told(&tokens{body: []byte(body)}), told(decoderOf(body)); !reflect.DeepEqual(got, want) {
			t.Fatalf("of %q\n got %q\nwant %q", body, got, want)
		}
	}
}

// What is cut off is never read beyond its end.
func TestTokensOfWhatIsCutOff(t *testing.T) {
	const body = `{"a":["b\\\"",1.5e3,true,null]}`
	for end := range len(body) {
		told(&tokens{body: []byte(body[:end])})
	}
}

func BenchmarkTokens(b *testing.B) {
	body := bytes.Repeat([]byte(`{"first_name":"Ibrahim","army_number":"80NA/72/10000","bank":{"name":"POLARIS","sort_code":"076151006"},"n":12}`), 100)
	b.Run("tokens", func(b *testing.B) {
		for b.Loop() {
			exhaust(&tokens{body: body})
		}
	})
	b.Run("decoder", func(b *testing.B) {
		for b.Loop() {
			exhaust(decoderOf(string(body)))
		}
	})
}

func exhaust(s stream) {
	for {
		if _, err := s.Token(); err != nil {
			return
		}
	}
}
