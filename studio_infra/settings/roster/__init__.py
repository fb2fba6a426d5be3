"""People: a row of the roster, the file, which stack holds whom, and what an identity provider exports."""
