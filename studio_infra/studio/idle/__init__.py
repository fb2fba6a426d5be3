"""Idle shutdown: what stops an app that nobody uses."""
