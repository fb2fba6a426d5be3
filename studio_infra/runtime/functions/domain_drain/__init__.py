"""Empties one domain, so that it can be deleted."""
