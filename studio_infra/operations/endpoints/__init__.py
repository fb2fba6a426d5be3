"""What keeps endpoints to their lifetimes."""
