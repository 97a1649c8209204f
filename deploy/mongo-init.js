// Runs once, on an empty volume: the user that the services log in as may use
// their database and nothing else.
db.getSiblingDB(process.env.MONGO_DB).createUser({
  user: "office",
  pwd: process.env.MONGO_APP_PASSWORD,
  roles: [{ role: "readWrite", db: process.env.MONGO_DB }],
});
