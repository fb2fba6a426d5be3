"""Gives a domain what only SageMaker's API can, and keeps what others set."""
