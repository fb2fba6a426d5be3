"""Commands that switch endpoints off and on: what the function in the operations stack does, by hand."""
