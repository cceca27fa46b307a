"""The list of what is open."""
