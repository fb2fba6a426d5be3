"""Lifecycle scripts, and the immutable configurations that carry them."""
