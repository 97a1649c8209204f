// Package mongodb is what the services share of MongoDB: the connection, the collections with
// their indexes, and what several read or change alike. Package legacy repairs old databases.
//
// What only one service needs is in the mongostore of that service.
package mongodb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"officepay.example/shared/environ"
	"officepay.example/shared/metrics"
)

// Config says which database to use.
type Config struct {
	URI      string // may contain a password: never log it
	Password string // of the user in the URI; empty if the URI has it
	Database string
	// Monitor sees every command, for tests.
	Monitor *event.CommandMonitor
}

// LoadConfig reads the settings, noting faults in env, which contain no part of the URI.
func LoadConfig(env *environ.Env) Config {
	c := Config{URI: env.Text("MONGO_URI", ""), Password: env.Password("MONGO_PASSWORD"), Database: env.Text("MONGO_DB", "office-payment-mgmt")}
	switch {
	case c.URI == "":
		env.Fault("MONGO_URI", "must be set, for example to mongodb://127.0.0.1:27017")
	// To check a mongodb+srv URI would be to ask a name server.
	case !strings.HasPrefix(c.URI, "mongodb+srv://") && options.Client().ApplyURI(c.URI).Validate() != nil:
		env.Fault("MONGO_URI", "is not a connection string of MongoDB; percent-encode special characters in the password, or put it into MONGO_PASSWORD")
	}
	// https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions
	if strings.ContainsAny(c.Database, "/\\. \"$*<>:|?") || len(c.Database) > 63 {
		env.Fault("MONGO_DB", "is not a valid name for a database in MongoDB")
	}
	return c
}

// The limits of a connection, unless the URI sets others. After commandTimeout a command is
// abandoned, so that a request fails within three seconds when the database is gone.
const (
	commandTimeout = 2300 * time.Millisecond // timeoutMS
	selectTimeout  = 2 * time.Second         // serverSelectionTimeoutMS; also for a new connection
	connectTimeout = 2 * time.Second         // connectTimeoutMS; also for the driver's monitoring of servers
	watchInterval  = 5 * time.Second         // heartbeatFrequencyMS
	// poolSize is how many commands one process runs at a time, maxPoolSize. A MongoDB
	// on 8 cores is busy long before 4 services send it that many.
	poolSize = 64
)

// Client is a connection to the database of an office. It is safe for concurrent use.
type Client struct {
	db          *mongo.Database
	timeout     time.Duration // of one command
	prepared    chan struct{} // closed when all indexes exist and nothing is to be repaired
	setPrepared sync.Once
	oddMu       sync.Mutex
	odd         map[string]bson.A // ids of documents to repair, by collection
	ready       atomic.Bool       // the service has also done what it does at its start
}

// Connect returns at once, even without a database. MongoDB's own logs have the service's name.
func Connect(config Config, name string) (*Client, error) {
	o := settings(config, name)
	if config.Password != "" && o.Auth == nil {
		return nil, errors.New("MONGO_PASSWORD is set, but MONGO_URI names no user: mongodb://USER@HOST")
	}
	client, err := mongo.Connect(o)
	if err != nil {
		return nil, fmt.Errorf("cannot use MONGO_URI: %w", err)
	}
	db := client.Database(config.Database)
	return &Client{db: db, timeout: *o.Timeout, prepared: make(chan struct{}), odd: map[string]bson.A{}}, nil
}

// settings are those of the URI, completed with our defaults. The URI cannot change what
// is promised about data: acknowledged writes are kept, and reads see them.
func settings(config Config, name string) *options.ClientOptions {
	o := options.Client().ApplyURI(config.URI)
	if o.Timeout != nil && *o.Timeout == 0 {
		o.Timeout = nil // it means no limit, but every request has one
	}
	if o.Auth != nil && config.Password != "" {
		o.Auth.Password, o.Auth.PasswordSet = config.Password, true
	}
	o.Timeout = cmp.Or(o.Timeout, new(commandTimeout))
	o.ServerSelectionTimeout = cmp.Or(o.ServerSelectionTimeout, new(selectTimeout))
	o.ConnectTimeout = cmp.Or(o.ConnectTimeout, new(connectTimeout))
	o.HeartbeatInterval = cmp.Or(o.HeartbeatInterval, new(watchInterval))
	o.MaxPoolSize = cmp.Or(o.MaxPoolSize, new(uint64(poolSize)))
	o.SetAppName("office-payment-" + name).SetRetryWrites(true).SetMonitor(config.Monitor).SetPoolMonitor(poolMonitor)
	// A write is acknowledged when it is on most disks. Other members than the primary may be behind.
	majority := writeconcern.Majority()
	majority.Journal = new(true)
	return o.SetWriteConcern(majority).SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary())
}

var (
	connections = metrics.Gauge("office_mongodb_connections", "Connections to MongoDB.")
	inUse       = metrics.Gauge("office_mongodb_connections_in_use", "Connections to MongoDB that run a command.")
	poolMonitor = &event.PoolMonitor{Event: func(e *event.PoolEvent) {
		switch e.Type {
		case event.ConnectionCreated:
			connections.Of().Add(1)
		case event.ConnectionClosed:
			connections.Of().Add(-1)
		case event.ConnectionCheckedOut:
			inUse.Of().Add(1)
		case event.ConnectionCheckedIn:
			inUse.Of().Add(-1)
		}
	}}
)

// closeTimeout limits how long commands delay the end of the process, which has waited for requests.
const closeTimeout = time.Second

func (c *Client) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return c.db.Client().Disconnect(ctx)
}

var errStarting = errors.New("the database is not prepared yet")

// awaitPrepared waits until the database is prepared: after a restart, a service must not
// fail the requests that were waiting for it.
func (c *Client) awaitPrepared(ctx context.Context) error {
	select {
	case <-c.prepared:
		return nil
	case <-ctx.Done():
		return errors.Join(errStarting, ctx.Err())
	}
}

// Ready returns nil if the service can work: the database is prepared and answers.
func (c *Client) Ready(ctx context.Context) error {
	if !c.ready.Load() {
		return errStarting
	}
	ctx, cancel := c.commandContext(ctx, 0)
	defer cancel()
	return translate(c.db.Client().Ping(ctx, readpref.Primary()))
}

// commandContext is the context of a command that handles that many documents. The driver would
// ignore the timeout of the client where a request has a deadline; here, the earlier one applies.
func (c *Client) commandContext(ctx context.Context, documents int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.timeout+time.Duration(documents)*time.Millisecond)
}
