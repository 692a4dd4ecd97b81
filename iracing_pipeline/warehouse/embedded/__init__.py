"""The embedded Postgres: where it lives, its programs, its server, and who uses it."""
