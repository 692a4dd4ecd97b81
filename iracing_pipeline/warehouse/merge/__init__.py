"""The one way rows get into a data table: staged, compared, upserted, changes recorded."""
