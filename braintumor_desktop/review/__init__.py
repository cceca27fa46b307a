"""From files to answers. No Qt."""
