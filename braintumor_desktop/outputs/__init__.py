"""What is written for others: tables, reports, pictures."""
