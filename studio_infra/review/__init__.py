"""What a reviewer asks of a synthesized assembly. Works on JSON templates, never on constructs."""
