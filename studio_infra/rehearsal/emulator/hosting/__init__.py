"""Endpoints at work: who answers a request, and how a new configuration takes over from the old one."""
