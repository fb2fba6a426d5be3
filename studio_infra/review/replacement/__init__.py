"""What a change replaces and what would be lost: templates compared, resource by resource."""
