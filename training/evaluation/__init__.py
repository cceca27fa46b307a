"""What networks are worth: figures, intervals, failures, trust."""
