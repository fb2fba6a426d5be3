"""What a terminal of a space can see; also printed as one script, for spaces without this package."""
