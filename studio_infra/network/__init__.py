"""Where Studio runs: VPC, subnets, endpoints, security groups."""
