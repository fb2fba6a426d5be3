"""What the functions share: it ships with each of them."""
