"""Git over SSH in every space: hosts, pinned keys, and the script that makes it so."""
