"""What runs in a domain, and stopping it: the eyes of the sweeper, for people."""
