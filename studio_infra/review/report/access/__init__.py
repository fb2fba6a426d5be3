"""Who may do what: by the policies of roles, and by those of the resources themselves."""
