"""Clients of others, which npm and PyPI bring: `make test-clients` installs them beside the environment."""
