"""Small widgets and words that several rooms of the window share."""
