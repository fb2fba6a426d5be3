"""What AWS says: limits, instance types, regions and VPC endpoints, as data."""
