"""The errors that a person gets to read.

Every error carries a `kind` (a stable word for programs) and an English sentence built from a
template and named fields, so that the window can translate the template and fill in the same
fields. Standard library only: everything may import this module.
"""

from __future__ import annotations


def gettext_noop(template: str) -> str:
    """Mark a template that stands apart from its error, so that the catalogues have it."""
    return template


class BraintumorError(Exception):
    """An error with a stable `kind`, a sentence `template` and the `fields` that fill it.

    Subclasses set `kind`; who raises gives the template and the fields as keywords.
    `str(error)` is the English sentence.
    """

    kind = "error"

    def __init__(self, template: str, **fields: object) -> None:
        self.template = template
        self.fields = fields
        super().__init__(template.format(**fields))


class KeyringError(BraintumorError):
    """The system's keyring cannot be used."""

    kind = "keyring"


class SliceReadError(BraintumorError):
    """A file could not be read as an MRI slice with certainty."""

    kind = "unreadable"


class FileMissingError(SliceReadError):
    """There is no file at the path."""

    kind = "not_found"


class FileAccessError(SliceReadError):
    """The operating system refused to hand out the file."""

    kind = "no_access"


class EmptyFileError(SliceReadError):
    """The file has no bytes."""

    kind = "empty"


class TruncatedFileError(SliceReadError):
    """The file ends, or breaks, before its image is whole."""

    kind = "truncated"


class NotAnImageError(SliceReadError):
    """The content is of no format that the app reads."""

    kind = "not_an_image"


class NoPixelDataError(SliceReadError):
    """A DICOM object without an image."""

    kind = "no_pixel_data"


class UnsupportedImageError(SliceReadError):
    """A known format in a variant that the app cannot read with certainty."""

    kind = "unsupported"


class DimensionsError(SliceReadError):
    """Width, height or bytes beyond what a slice can have."""

    kind = "dimensions"


class BlankSliceError(BraintumorError):
    """The image has no content to look at: every pixel has (nearly) the same value."""

    kind = "blank"


class ModelBundleError(BraintumorError):
    """The model bundle is missing, damaged, or not one that this app can use."""

    kind = "model"
