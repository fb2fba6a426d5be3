"""The `studio-infra` command."""
