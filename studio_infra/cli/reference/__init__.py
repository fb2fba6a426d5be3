"""`docs/reference`, written from the code."""
