"""The tables as data: columns with types and comments, and the dictionary made from them."""

SCHEMA = "iracing"
PRIVATE_SCHEMA = "iracing_private"
