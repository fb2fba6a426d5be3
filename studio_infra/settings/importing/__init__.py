"""From what an identity provider exports to people of the roster."""
