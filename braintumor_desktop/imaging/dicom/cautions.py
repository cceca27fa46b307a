"""What a DICOM file says of its picture that a person should know before trusting an answer."""

from __future__ import annotations

import re

from pydicom.dataset import FileDataset

from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.imaging.dicom.file import attribute, numbers, tag, texts

# Of the standard (PS3.3, C.8.3.1.1.1, C.8.13.3.1.1, C.8.16.1.4 and C.8.16.2.1.3), then of vendors:
# P, R and I are the parts of a complex image, which Philips and Siemens name so. Some cut off the
# last letter of a projection.
_COMPUTED = re.compile(
    r".*MAP|(.* )?SUBTRACT(ION)?|.*ADDITION|DIVISION|MULTIPLICATION|MAXIMUM|MINIMUM|MEAN|"
    r"STD_DEVIATION|QUANTITY|PROJECTION IMAGE?|MAX[ _]IP|MIN[ _]IP|PHASE|REAL|IMAGINARY|"
    r"P|R|I|E?ADC|FA|TRACEW|ISODWI|CALC_BVALUE|EXP|SUB|(CSA |HD )?MIP( THIN)?|MINIP|MNIP|"
    r"(MIP|STDDEV)_(SAG|COR|TRA)|(R|REL)?(CBF|CBV|MTT|TTP|TMAX)((UN)?CORR| BASIC)?|PBP|"
    r"RLEAKAGE|(OEF|RCMRO2)( MODEL BASED)?|.*SYNTHETIC"
)
_REFORMATTED = re.compile(r"CSA MPR( THICK)?")  # Siemens calls these plain slices projections, too
_THIN_MM = 2.0  # below are the slices of volumes; those of the training data had 6 mm, or 5


def about(dataset: FileDataset, modality: str) -> list[ReadWarning]:
    """What a person should know beside the pixels: warnings, none of which keeps a file out.

    `modality` is that of the file, "" where it says none.
    """
    warnings = []
    if not modality:
        warnings.append(ReadWarning("modality", "The DICOM file does not say its modality."))
    elif modality != "MR":
        warnings.append(
            ReadWarning(
                "modality",
                "The modality of the DICOM file is {modality}, not MR.",
                (("modality", modality),),
            )
        )
    computed = _computed(dataset)
    if computed:
        warnings.append(computed)
    thickness = numbers(dataset, "SliceThickness")[:1]
    if thickness and 0 < thickness[0] < _THIN_MM:
        warnings.append(
            ReadWarning(
                "thin",
                "The slice is {thickness:.1f} mm thick, as those of a volume are: the network "
                "learned from thicker ones, and more often takes healthy tissue for a tumour here.",
                (("thickness", thickness[0]),),
            )
        )
    if attribute(dataset, "LossyImageCompression") == "01":
        warnings.append(
            ReadWarning("lossy", "The picture has been compressed with loss at some time.")
        )
    return warnings


def _computed(dataset: FileDataset) -> ReadWarning | None:
    """What is said of a map, a difference, a projection or a phase.

    Such a picture looks like a slice, and what is bright in it means something else.
    """
    for keyword in ("ImageType", "ComplexImageComponent", "VolumeBasedCalculationTechnique"):
        # Of an image's type the first two values say who made it and whether it was changed.
        found = texts(dataset, keyword)[2 if keyword == "ImageType" else 0 :]
        if any(map(_REFORMATTED.fullmatch, found)):
            found = tuple(text for text in found if text != "PROJECTION IMAGE")
        kind = next((text for text in found if _COMPUTED.fullmatch(text)), None)
        if kind:
            return ReadWarning(
                "computed",
                "This is a computed picture, {kind} by the file's {attribute}: the network learned "
                "from plain ones alone.",
                (("kind", kind), ("attribute", f"{keyword} {tag(keyword)}")),
            )
    return None
