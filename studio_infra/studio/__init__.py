"""Studio itself: domain, people, spaces, and the lifecycle scripts that serve them."""
