"""Data sets: which files there are, what each shows and whose it is."""
