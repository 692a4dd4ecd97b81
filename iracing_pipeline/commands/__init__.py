"""What the command line's verbs do. Parsing of flags is cli.py's; each verb has a module here."""
