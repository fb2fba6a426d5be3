"""Files that ship to AWS. They import nothing of ours, and run and are tested by themselves."""
