"""Dagster's own instance: its home, its storage, how long its runs are kept."""
