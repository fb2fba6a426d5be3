"""Stops what runs for too long in a domain, and tells people once a day."""
