"""Lambda functions: each a folder with decisions in `core` and the edge in `handler`."""
