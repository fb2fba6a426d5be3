"""Commands about people: the roster, their keys, and a way in."""
