"""The nouns, and the rules about them: the standard library and numpy alone."""
