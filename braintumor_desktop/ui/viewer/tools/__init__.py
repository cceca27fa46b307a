"""What the mouse does on a picture."""
