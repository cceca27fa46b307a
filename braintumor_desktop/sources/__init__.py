"""Where slices come from: files, folders, archives, discs. No Qt."""
