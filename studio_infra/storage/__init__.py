"""What is kept: encryption keys, home file systems, the artifact bucket."""
