"""Steps about the stack beside Studio: training, and endpoints from their first answer to their last."""
