"""What watches how well an endpoint does."""
