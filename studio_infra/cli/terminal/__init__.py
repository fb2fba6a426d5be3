"""How commands speak: outcomes and exit codes, progress, edits of files."""
