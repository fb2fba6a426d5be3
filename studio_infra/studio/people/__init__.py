"""People: profiles, spaces, and rosters of thousands."""
