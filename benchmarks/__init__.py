"""Measurements behind the claims in the documentation, by `make bench` and `make bench-full`: no tests."""
