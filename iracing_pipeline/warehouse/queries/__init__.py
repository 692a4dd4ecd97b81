"""Questions about what is stored, one module per subject. Nothing is written here."""
