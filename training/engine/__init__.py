"""Training itself: fitting and resuming, recipes, runs side by side."""
