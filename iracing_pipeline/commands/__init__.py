"""What the command line's verbs do. Parsing of flags is cli's; each verb has a module here."""
