"""Tests of the command line, by processes."""
