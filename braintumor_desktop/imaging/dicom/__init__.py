"""Reading DICOM files."""
