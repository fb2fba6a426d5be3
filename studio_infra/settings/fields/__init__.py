"""What a field of the settings can be: the base of every section, the kinds of text, schedules."""
