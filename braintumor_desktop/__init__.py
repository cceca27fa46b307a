"""A desktop assistant that classifies brain-tumour MRI slices on the clinician's own machine."""

import os

__version__ = "0.1.0"

# ONNX Runtime's wheels send what they are used for to their maker unless this is set before they
# are imported; they also leave a `.ses` in the temporary folder.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
