"""Answers out: the model bundle and what it says of a prepared slice. No Qt."""
