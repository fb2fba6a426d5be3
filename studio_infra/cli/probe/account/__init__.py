"""What an account can tell: by calls that read, and with `--apply` by things that are made and taken away again."""
