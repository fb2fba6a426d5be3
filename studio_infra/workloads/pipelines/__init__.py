"""Training pipelines: their definition, schedule and notices."""
