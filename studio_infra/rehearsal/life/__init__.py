"""The life of a domain, played on the embedded AWS through the real CDK CLI."""
