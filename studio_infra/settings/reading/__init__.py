"""From files to checked values, or to findings that name file, line and field."""
