"""What makes an endpoint more than one model that answers at once."""
