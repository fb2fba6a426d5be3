"""What the service model does not say, as data: one small table per question."""
