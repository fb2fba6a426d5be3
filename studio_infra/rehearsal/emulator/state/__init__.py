"""What exists, on a clock that tests move, with the delays and troubles they order."""
