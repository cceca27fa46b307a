"""A desktop assistant that classifies brain-tumour MRI slices on the clinician's own machine."""

__version__ = "0.1.0"
