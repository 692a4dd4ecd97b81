"""Dagster's view of the engine: one thin definition per asset, and one adapter for all of them."""
