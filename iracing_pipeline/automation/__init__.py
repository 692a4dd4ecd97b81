"""What runs the assets and where Dagster keeps its own records: jobs and instance storage."""
