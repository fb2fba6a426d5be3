"""Who may do what: execution roles, personas as policy files, instance allow-lists."""
