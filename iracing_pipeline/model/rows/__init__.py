"""Responses → rows: one module per response. Pure: no I/O, no clock."""
