"""Studio policy as data: one Guard rule a file."""
