"""CloudFormation: resource types made from the registry schemas, and repairs to MiniStack's own."""
