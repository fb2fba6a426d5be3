"""An AWS on this machine that the real CDK CLI can deploy to, and the life of a domain played on it."""
