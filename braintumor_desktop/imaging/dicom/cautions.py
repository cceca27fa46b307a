"""What a DICOM file says of its picture that a person should know before trusting an answer."""

from __future__ import annotations

import math
from typing import Any

from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.errors import TruncatedFileError, gettext_noop
from braintumor_desktop.imaging.dicom.acquisition import Acquisition, SequenceFamily
from braintumor_desktop.imaging.dicom.attributes import attribute, numbers, tag, texts
from braintumor_desktop.imaging.dicom.file import DicomFile, named
from braintumor_desktop.imaging.dicom.picture_words import (
    COMPUTED,
    COMPUTED_BY_NAME,
    HEAD,
    REFORMATTED,
    SAVED_SCREEN,
    plain,
)
from braintumor_desktop.imaging.dicom.plane import unreadable_places

_THIN_MM = 2.0  # below are the slices of volumes; those of the training data had 6 mm, or 5

_OUTSIDE = {
    SequenceFamily.DIFFUSION: gettext_noop("diffusion"),
    SequenceFamily.PERFUSION: gettext_noop("perfusion"),
    SequenceFamily.FUNCTIONAL: gettext_noop("functional imaging"),
    SequenceFamily.SUSCEPTIBILITY: gettext_noop("susceptibility"),
    SequenceFamily.ANGIOGRAPHY: gettext_noop("angiography"),
    SequenceFamily.LOCALISER: gettext_noop("a localiser"),
}

# Digitised film and video, scanned documents and pictures (PS3.3, C.8.6.1).
_WITH_TEXT = ("DF", "DV", "SD", "SI")
_KINDS = ("ImageType", "FrameType", "ComplexImageComponent", "VolumeBasedCalculationTechnique")


def of_file(file: DicomFile) -> list[ReadWarning]:
    """What is said of a file as a whole: none of it keeps the file out."""
    warnings = []
    if file.deflated:
        warnings.append(
            ReadWarning(
                "deflated",
                "The file is deflated, which has no checksum: damage to it can look like a "
                "picture.",
            )
        )
    warnings += [
        ReadWarning(
            "twice",
            "The file says {name} twice, with different values; the first is used.",
            (("name", named(tag)),),
        )
        for tag in file.twice
    ]
    return warnings


def of_frame(
    attributes: Any, modality: str, acquisition: Acquisition, lossy: bool
) -> list[ReadWarning]:
    """What a person should know beside the pixels of a frame: none of it keeps it out.

    `modality` is that of the file, "" where it says none; `acquisition` how the frame was taken;
    `lossy` whether the pixels as they are stored have lost something.
    """
    unreadable = _Unreadable(attributes)
    warnings = [
        _of_modality(modality),
        _of_body_part(unreadable),
        _of_annotation(unreadable),
        _of_kind(unreadable),
        _of_sequence(acquisition),
        _of_thickness(unreadable),
        _of_loss(unreadable, lossy),
    ]
    unreadable.found += unreadable_places(attributes)
    return [warning for warning in warnings if warning] + unreadable.warnings()


class _Unreadable:
    """Attributes whose values would say more, and which of them cannot be read.

    What cannot be read must not count as absent: the caution would be gone.
    """

    def __init__(self, attributes: Any) -> None:
        self.attributes = attributes
        self.found: list[str] = []

    def texts(self, keyword: str) -> tuple[str, ...]:
        try:
            found = texts(self.attributes, keyword)
        except TruncatedFileError:
            found = ("\ufffd",)
        if any("\ufffd" in word for word in found):
            self.found.append(keyword)
            return ()
        return found

    def word(self, keyword: str, known: tuple[str, ...]) -> str:
        """The word of those that are known that an attribute has, "" where it is absent."""
        found = self.texts(keyword)
        if found and found[0] not in known:
            self.found.append(keyword)
        return found[0] if found else ""

    def number(self, keyword: str) -> float | None:
        found = numbers(self.attributes, keyword)[:1]
        if found and not math.isfinite(found[0]):
            self.found.append(keyword)
            return None
        return found[0] if found else None

    def warnings(self) -> list[ReadWarning]:
        return [
            ReadWarning(
                "unreadable",
                "The file's {attribute} cannot be read: what it says of the picture is not known.",
                (("attribute", f"{keyword} {tag(keyword)}"),),
            )
            for keyword in dict.fromkeys(self.found)
        ]


def _of_modality(modality: str) -> ReadWarning | None:
    if not modality:
        return ReadWarning("modality", "The DICOM file does not say its modality.")
    if modality == "MR":
        return None
    return ReadWarning(
        "modality",
        "The modality of the DICOM file is {modality}, not MR.",
        (("modality", modality),),
    )


def _of_body_part(said: _Unreadable) -> ReadWarning | None:
    part = " ".join(said.texts("BodyPartExamined"))
    if not part:
        part = _anatomic_region(said.attributes)
    if not part or HEAD.search(plain(part)):
        return None
    return ReadWarning(
        "body_part",
        "The body part is {part}, by the file's header: the network learned from heads alone.",
        (("part", part),),
    )


def _anatomic_region(attributes: Any) -> str:
    """What AnatomicRegionSequence (0008,2218) means, in capitals."""
    try:
        items = attribute(attributes, "AnatomicRegionSequence") or ()
        return " ".join(texts(items[0], "CodeMeaning")) if items else ""
    except TruncatedFileError:
        return ""


def _of_annotation(said: _Unreadable) -> ReadWarning | None:
    """What is said where text may stand in the pixels."""
    saved = any(SAVED_SCREEN.search(plain(word)) for word in said.texts("ImageType"))
    burned = said.word("BurnedInAnnotation", ("YES", "NO"))
    captured = said.texts("ConversionType")[:1]
    if not saved and not burned and captured and captured[0] in _WITH_TEXT:
        return ReadWarning(
            "annotation",
            "The picture was digitised from film, video or paper, by the file's {attribute}: its "
            "pixels may name the patient.",
            (("attribute", f"ConversionType {tag('ConversionType')}"),),
        )
    if saved:
        return ReadWarning(
            "annotation",
            "This is a saved screen, not a slice as it was taken: its pixels may name the patient.",
        )
    if burned == "YES":
        return ReadWarning(
            "annotation",
            "There is text in the pixels, by the file's {attribute}: they may name the patient.",
            (("attribute", f"BurnedInAnnotation {tag('BurnedInAnnotation')}"),),
        )
    return None


def _of_kind(said: _Unreadable) -> ReadWarning | None:
    """What is said of a map, a difference, a projection or a phase.

    Such a picture looks like a slice, and what is bright in it means something else.
    """
    for keyword in _KINDS:
        # Of an image's type the first two values say who made it and whether it was changed.
        found = said.texts(keyword)[2 if keyword in ("ImageType", "FrameType") else 0 :]
        if any(REFORMATTED.fullmatch(plain(text)) for text in found):
            found = tuple(text for text in found if text != "PROJECTION IMAGE")
        kind = next((text for text in found if COMPUTED.fullmatch(plain(text))), None)
        if kind:
            return _computed(kind, said.attributes.name_of(keyword))
    if said.texts("ImageType")[:1] == ("DERIVED",):
        named_so = COMPUTED_BY_NAME.search(plain(" ".join(said.texts("SeriesDescription"))))
        if named_so:
            return _computed(named_so[0], said.attributes.name_of("SeriesDescription"))
    return None


def _computed(kind: str, attribute: str) -> ReadWarning:
    return ReadWarning(
        "computed",
        "This is a computed picture, {kind} by the file's {attribute}: the network learned from "
        "plain ones alone.",
        (("kind", kind), ("attribute", attribute)),
    )


def _of_sequence(acquisition: Acquisition) -> ReadWarning | None:
    family = _OUTSIDE.get(acquisition.family)
    if family is None:
        return None
    return ReadWarning(
        "sequence",
        "The sequence is {family}, by the file's header: the network learned from plain T1, T2 and "
        "FLAIR slices, with and without contrast agent.",
        (("family", family),),
    )


def _of_thickness(said: _Unreadable) -> ReadWarning | None:
    thickness = said.number("SliceThickness")
    return None if thickness is None else of_thin_slice(thickness)


def of_thin_slice(thickness: float) -> ReadWarning | None:
    """What is said of a slice of this thickness in mm."""
    if not 0 < thickness < _THIN_MM:
        return None
    return ReadWarning(
        "thin",
        "The slice is {thickness:.1f} mm thick, as those of a volume are: the network "
        "learned from thicker ones, and more often takes healthy tissue for a tumour here.",
        (("thickness", thickness),),
    )


def _of_loss(said: _Unreadable, lossy: bool) -> ReadWarning | None:
    if said.word("LossyImageCompression", ("00", "01")) == "01":
        return ReadWarning("lossy", "The picture has been compressed with loss at some time.")
    if lossy:
        return ReadWarning("lossy", "The picture is compressed with loss.")
    return None
