"""The window's ties to the operating system."""
