package compose

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/stack"
)

// signs are all characters that mean something in a URI, a shell, a .env or JavaScript,
// except for the quotes around them.
const signs = ` :@/?#%&=+$\;[]{}<>|~!*()"ß `

// Any MongoDB password reaches the services as MongoDB got it.
func TestPasswordOfMongoDB(t *testing.T) {
	folder := newCheckout(t)
	newEnv(t, folder, "MONGO_APP_PASSWORD='"+signs+"'", "MONGO_DB=pay")
	project := compose(t, folder)
	if got := setting(project, "mongo", "MONGO_APP_PASSWORD"); got != signs {
		t.Errorf("MongoDB has %q", got)
	}
	for _, service := range stack.Services {
		uri, password := setting(project, service, "MONGO_URI"), setting(project, service, "MONGO_PASSWORD")
		if uri != "mongodb://office@mongo:27017/?authSource=pay" || password != signs {
			t.Errorf("%s has %q and %q", service, uri, password)
		}
	}
}

// The proxies in front of Caddy are one setting, for Caddy and for the services.
func TestTrustedProxies(t *testing.T) {
	folder := newCheckout(t)
	newEnv(t, folder, "TRUSTED_PROXIES=10.0.0.7 10.1.0.0/16")
	project := compose(t, folder)
	if got := setting(project, "caddy", "TRUSTED_PROXIES"); got != "10.0.0.7 10.1.0.0/16" {
		t.Errorf("Caddy trusts %q", got)
	}
	for _, service := range stack.Services {
		if got := setting(project, service, "TRUSTED_PROXIES"); got != "peer 10.0.0.7 10.1.0.0/16" {
			t.Errorf("%s trusts %q", service, got)
		}
	}
}

// What is mounted is readable in containers, whose users own nothing here: the files are
// made readable, except for what is not part of a frontend.
func TestMountedFilesAreReadable(t *testing.T) {
	folder := newCheckout(t)
	outside := filepath.Join(folder, "outside")
	write(t, outside, "")
	write(t, filepath.Join(folder, "dist/assets/app.js"), "")
	write(t, filepath.Join(folder, "dist/.env"), "")
	if err := os.Symlink(outside, filepath.Join(folder, "dist/link")); err != nil {
		t.Fatal(err)
	}
	if said, ok, _ := makeUp(t, folder, "FRONTEND_DIST=dist"); !ok {
		t.Fatal(said)
	}
	for name, mode := range map[string]fs.FileMode{
		"deploy/Caddyfile": 0o755, "deploy/mongo-init.js": 0o755, "dist": 0o755, "dist/assets": 0o755, "dist/assets/app.js": 0o755,
		"dist/.env": 0o700, "outside": 0o700, "deploy/env.awk": 0o700,
	} {
		if got := modeOf(t, filepath.Join(folder, name)); got != mode {
			t.Errorf("%s has mode %v, want %v", name, got, mode)
		}
	}
	// What is mounted is the folder of that name, and no volume.
	frontend := compose(t, folder, "FRONTEND_DIST=dist").Services["caddy"].Volumes[1]
	if frontend.Type != "bind" || frontend.Source != filepath.Join(folder, "dist") || !frontend.ReadOnly {
		t.Errorf("mounted is %+v", frontend)
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestNoFolderOfTheFrontend(t *testing.T) {
	folder := newCheckout(t)
	said, ok, started := makeUp(t, folder, "FRONTEND_DIST=nowhere")
	if ok || started || !strings.Contains(said, "FRONTEND_DIST must be a folder with an index.html, and nowhere is not one") {
		t.Errorf("said: %s", said)
	}
}

// Whoever starts it sees where it is, and whether others can listen.
func TestAddressInTheGreeting(t *testing.T) {
	for _, c := range []struct {
		site, published, want string
		open                  bool
	}{
		{"", "127.0.0.1:8080", "http://127.0.0.1:8080", false},
		{":8080", "[::1]:80", "http://[::1]:80", false},
		{":8080", "0.0.0.0:80", "http://127.0.0.1:80", true},
		{":8080", "192.168.1.2:80", "http://192.168.1.2:80", true},
		{"pay.example.org", "0.0.0.0:80", "https://pay.example.org", false},
		{"http://pay.example.org", "0.0.0.0:80", "http://pay.example.org", false},
	} {
		folder := newCheckout(t)
		newEnv(t, folder, "SITE_ADDRESS="+c.site)
		said, ok, _ := makeUp(t, folder, "PUBLISHED="+c.published)
		if !ok || !strings.Contains(said, "  address        "+c.want+"\n") || strings.Contains(said, "unencrypted") != c.open {
			t.Errorf("%+v: said %s", c, said)
		}
	}
}

func TestNotReady(t *testing.T) {
	folder := newCheckout(t)
	if said, ok, _ := makeUp(t, folder, "FAILS=1"); ok || !strings.Contains(said, "make logs shows why") || strings.Contains(said, "password") {
		t.Errorf("went well: %v, said %s", ok, said)
	}
}

// Promise 45: the proxy is the only way in, and a service that is taken over can do little.
func TestConfinement(t *testing.T) {
	folder := newCheckout(t)
	newEnv(t, folder)
	project := compose(t, folder)
	if len(project.Services) != len(stack.Services)+2 {
		t.Errorf("there are %d services", len(project.Services))
	}
	for name, service := range project.Services {
		_, reached := service.Networks["outside"]
		if isCaddy := name == "caddy"; reached != isCaddy || (len(service.Ports) > 0) != isCaddy || (len(service.CapAdd) > 0) != isCaddy {
			t.Errorf("%s is reached from outside, or has capabilities: %+v", name, service)
		}
		if !slices.Equal(service.CapDrop, []string{"ALL"}) || !slices.Equal(service.SecurityOpt, []string{"no-new-privileges:true"}) ||
			!service.ReadOnly && name != "mongo" {
			t.Errorf("%s is not confined: %+v", name, service)
		}
		if service.Logging == nil || service.Logging.Options["max-size"] == "" || service.Logging.Options["max-file"] == "" {
			t.Errorf("the log of %s has no end", name)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%+v is published before there is HTTPS", port)
			}
		}
	}
	if project.Services["mongo"].User != "mongodb" {
		t.Error("MongoDB runs as root")
	}
	if !project.Networks["inside"].Internal {
		t.Error("what is inside reaches the world")
	}
	if lines := strings.Split(read(t, "../../Dockerfile"), "\n"); !slices.Contains(lines, "USER 65532:65532") {
		t.Error("the services run as root")
	}
	if roles := regexp.MustCompile(`(?m)^  roles: (.*),$`).FindStringSubmatch(read(t, "../../mongo-init.js")); roles == nil ||
		roles[1] != `[{ role: "readWrite", db: process.env.MONGO_DB }]` {
		t.Errorf("the services may do %q in MongoDB", roles)
	}
}
