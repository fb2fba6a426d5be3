"""What follows from the settings without a section that says it."""
