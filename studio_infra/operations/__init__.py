"""What keeps watch: sweepers, lifetimes, budgets, alarms."""
