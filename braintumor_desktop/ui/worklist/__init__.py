"""The worklist of a review, and what is decided in it."""
