"""Pure: answers → rows, which series are meant, units. No I/O, no clock, no Dagster, no SQL."""
