"""Keeps endpoints to their lifetimes: warns owners, stops what is over, starts what has its hours."""
