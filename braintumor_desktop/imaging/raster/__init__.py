"""Reading PNG, JPEG, BMP and TIFF."""
