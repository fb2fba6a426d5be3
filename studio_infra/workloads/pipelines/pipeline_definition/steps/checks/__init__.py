"""Steps that compare data and models with what was normal before, and stop the execution if they have drifted."""
