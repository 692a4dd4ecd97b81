"""Typed responses: one pydantic class per object of the API, each item readable or rejected alone."""
