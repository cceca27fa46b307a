"""The commands of `python -m training`, a module each: what it takes and what it runs."""
