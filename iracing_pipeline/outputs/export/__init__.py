"""The calendar as files for others: JSON, Parquet, SQLite, all of one schema."""
