"""What runs the assets and where Dagster keeps its own books: jobs and instance storage."""
