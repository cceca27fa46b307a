"""Everything that imports PySide6, and nothing else."""
