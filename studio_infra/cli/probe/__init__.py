"""`studio-infra probe`: what could not be proven without AWS, checked once where it can be seen."""
