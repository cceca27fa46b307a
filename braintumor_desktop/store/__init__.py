"""What is kept: answers and decisions, in SQLite."""
