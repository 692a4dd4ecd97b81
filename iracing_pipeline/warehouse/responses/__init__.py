"""Landed responses: stored, served again, and read item by item."""
