"""`studio-infra drain`."""
