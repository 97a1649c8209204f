package auth

// DefaultPort is where the service listens unless PORT says otherwise.
const DefaultPort = 8001
