"""`[endpoints.NAME]` and its parts, one module each."""
