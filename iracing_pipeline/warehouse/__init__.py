"""Postgres: tables as data, migrations, merge, landing, ledger, views. No HTTP, no Dagster."""
