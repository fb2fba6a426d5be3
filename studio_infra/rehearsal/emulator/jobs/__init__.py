"""Pipeline executions: each step a call of the API, its conditions, expressions and files."""
