"""From bytes to answered files: the pipeline, its workers and its progress. No Qt."""
