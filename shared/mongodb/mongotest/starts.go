package mongotest

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"officepay.example/shared/faulttest"
)

// Run is what the command of a service does.
type Run = func(ctx context.Context, getenv func(string) string, stdout io.Writer) error

// badSecrets are what JWT_SECRET must not be: nothing, too little, or what
// stands in tutorials and in the old backend's code.
var badSecrets = map[string]string{
	"unset": "", "blank": strings.Repeat(" ", 40), "31 bytes": "q3VnJ0Zk8wX2mB7tR5yL1pC9sD4fG6h",
	"supersecret": "supersecret", "your-secret-key": "your-secret-key",
	"supersecret, long enough":     strings.Repeat("supersecret", 3),
	"your-secret-key, long enough": strings.Repeat("your-secret-key", 3),
}

// RefusesBadSecrets is promise 15: without a real secret the command ends
// before its port opens, and names the variable and not its value. The port is
// taken, so that opening it ends otherwise.
func RefusesBadSecrets(t *testing.T, run Run) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	end := func(secret string) (string, string) {
		settings := map[string]string{
			"JWT_SECRET": secret, "HOST": "127.0.0.1", "PORT": port, "MONGO_URI": "mongodb://127.0.0.1:1", "BCRYPT_COST": "4",
		}
		var out faulttest.Log // a start goes on beside a command that has ended
		err := run(t.Context(), func(name string) string { return settings[name] }, &out)
		if err == nil {
			t.Fatal("the command ends without an error")
		}
		return err.Error(), out.String()
	}
	for name, secret := range badSecrets {
		t.Run(name, func(t *testing.T) {
			said, printed := end(secret)
			if !strings.HasPrefix(said, "JWT_SECRET ") || strings.Contains(said, "\n") || printed != "" {
				t.Errorf("it ends with %q, and has printed %q", said, printed)
			}
			if shown := strings.TrimSpace(secret); shown != "" && strings.Contains(said, shown) {
				t.Errorf("the value is shown: %q", said)
			}
		})
	}
	if said, _ := end("q3VnJ0Zk8wX2mB7tR5yL1pC9sD4fG6hN"); !strings.Contains(said, "in use") {
		t.Errorf("with a real secret it ends with %q, want that the port is in use", said)
	}
}
