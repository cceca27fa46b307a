"""What the three numbers of `versions` stand for, written down: `python tests/versions/golden.py`.

A number that is on record is never recorded again: who changes what it stands for raises it, and
then records the new one. Stored answers of the number before are then given anew.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import matplotlib
import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, RLELossless

from braintumor_desktop import versions
from braintumor_desktop.domain.image import Crop, MRISlice, PreparedSlice, SliceSource
from braintumor_desktop.domain.result import answered, to_json
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import decode_slice
from braintumor_desktop.inference.bundle import BundleDescription
from braintumor_desktop.inference.classifier import Classifier

HERE = Path(__file__).resolve().parent
CLASSES = ("glioma", "meningioma", "notumor", "pituitary")


def head() -> np.ndarray:
    """The sagittal head that matplotlib ships, uint16 (256, 256)."""
    path = Path(matplotlib.get_data_path()) / "sample_data" / "s1045.ima.gz"
    return np.frombuffer(gzip.decompress(path.read_bytes()), "<u2").reshape(256, 256)


def _dicom(pixels: np.ndarray, **more: Any) -> bytes:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, "1.2.3"
    dataset.Modality, dataset.PhotometricInterpretation = "MR", "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.add_new("PixelData", "OW", pixels.astype("<u2").tobytes())
    rle = more.pop("rle", False)
    for name, value in more.items():
        setattr(dataset, name, value)
    if rle:
        dataset.compress(RLELossless, pixels, generate_instance_uid=False)
    target = BytesIO()
    dcmwrite(target, dataset, enforce_file_format=True)
    return target.getvalue()


def files() -> dict[str, bytes]:
    """One file of each way of reading, and some that are refused or warned of."""
    pixels = head()
    eight = np.asarray(pixels >> 8, np.uint8)
    colour = np.dstack([eight, eight // 2, eight])
    png = cv2.imencode(".png", pixels)[1].tobytes()
    return {
        "png": png,
        "png, coloured": cv2.imencode(".png", colour)[1].tobytes(),
        "png, cut": png[: len(png) // 2],
        "bmp": cv2.imencode(".bmp", eight)[1].tobytes(),
        "tiff": cv2.imencode(".tiff", pixels, [cv2.IMWRITE_TIFF_COMPRESSION, 1])[1].tobytes(),
        "tiff, lzw": cv2.imencode(".tiff", pixels, [cv2.IMWRITE_TIFF_COMPRESSION, 5])[1].tobytes(),
        "dicom": _dicom(pixels),
        "dicom, rle": _dicom(pixels, rle=True),
        "dicom, rescaled": _dicom(pixels, RescaleSlope="0.5", RescaleIntercept="-7"),
        "dicom, inverted": _dicom(pixels, PhotometricInterpretation="MONOCHROME1"),
        "dicom, sideways": _dicom(
            pixels, ImageOrientationPatient=["0", "0", "-1", "0", "1", "0"], PixelSpacing=["1", "2"]
        ),
        "dicom, window": _dicom(pixels, WindowCenter="300", WindowWidth="200"),
        "dicom, ct": _dicom(pixels, Modality="CT"),
        "dicom, thin": _dicom(pixels, SliceThickness="0.7"),
        "text": b"Dear colleague",
        "nothing": b"",
    }


def reader() -> dict[str, Any]:
    """What each file is read as: its values' SHA-256, what is said of it, or its refusal."""
    found: dict[str, Any] = {}
    for name, data in files().items():
        try:
            mri = decode_slice(data, Path("file"))
        except BraintumorError as error:
            found[name] = {"refused": error.kind, "template": error.template}
            continue
        values = np.ascontiguousarray(mri.pixels, "<f4").tobytes()
        found[name] = {
            "sha256": hashlib.sha256(values).hexdigest(),
            "spacing_mm": mri.spacing_mm and list(mri.spacing_mm),
            "window": mri.window and [mri.window.center, mri.window.width],
            "warnings": [warning.kind for warning in mri.warnings],
        }
    return found


def prepared() -> dict[str, np.ndarray]:
    """What the network sees: float16 (64, 64) of a head, and of the same seen by other ways."""
    pixels = head().astype(np.float32)
    wide = np.zeros((300, 400), np.float32)
    wide[20:276, 100:356] = pixels
    seen = {
        "head": MRISlice(pixels.copy(), SliceSource(Path("head"), "test")),
        "small in a wide picture": MRISlice(wide, SliceSource(Path("head"), "test")),
        "tall pixels": MRISlice(pixels[::2].copy(), SliceSource(Path("head"), "test"), (2.0, 1.0)),
        "sideways": decode_slice(files()["dicom, sideways"], Path("head")),
    }
    return {name: prepare(mri, 64).pixels.astype(np.float16) for name, mri in seen.items()}


class _Session:
    """Gives out the same numbers whatever it is asked."""

    def __init__(self, logits: list[float], distance: float) -> None:
        grid = np.linspace(-1, 1, 14)
        blob = 4 - 12 * (grid[:, None] ** 2 + (grid[None, :] - 0.3) ** 2)
        tilt = np.array([1.0, 0.5, -1.0, 0.2])
        activation = blob[..., None] * tilt + np.array(logits)
        self._outputs = [
            np.array([logits], np.float32),
            activation[None].astype(np.float32),
            blob[None, ..., None].astype(np.float32),
            np.array([[distance]], np.float32),
        ]

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="slice")]

    def run(self, names: list[str], feed: dict[str, Any]) -> list[np.ndarray]:
        return self._outputs


def said() -> dict[str, Any]:
    """What is said of fixed outputs of a network, as it is kept."""
    description = BundleDescription(
        name="golden",
        classes=CLASSES,
        input_size=224,
        preprocessing="1",
        parameters=0,
        sha256="0" * 64,
        temperature=1.5,
        set_thresholds=dict.fromkeys(CLASSES, 0.2),
        unlike_threshold=3.0,
        abstain_on=("DWI",),
    )
    crop = Crop(10, 20, 200, 200, 256, 256)
    pixels = np.zeros((224, 224), np.float32)
    cases = {
        "sure": ([6.0, 0.0, 1.0, 0.0], 1.0, ""),
        "nothing flagged": ([0.0, 0.0, 7.0, 0.0], 1.0, ""),
        "two possible": ([2.0, 1.5, 0.0, 0.0], 1.0, ""),
        "improbable": ([2.0, 0.0, 0.0, 0.0], 1.0, ""),
        "unlike": ([6.0, 0.0, 1.0, 0.0], 4.0, ""),
        "withheld": ([6.0, 0.0, 1.0, 0.0], 1.0, "DWI"),
    }
    mri = MRISlice(np.zeros((256, 256), np.float32), SliceSource(Path("file"), "test"), (1.0, 0.5))
    found = {}
    for name, (logits, distance, sequence) in cases.items():
        classifier = Classifier(description, _Session(logits, distance))  # type: ignore[arg-type]
        seen = PreparedSlice(pixels.copy(), crop, (1.0, 0.5), sequence=sequence)
        prediction = classifier.classify(seen)
        result = answered(mri, prediction)
        kept = json.loads(to_json(result))
        kept["certainty"] = result.certainty.value
        kept["needs_look"] = result.needs_look
        kept["excluded"] = list(result.excluded)
        kept["located"] = prediction.located
        found[name] = kept
    return found


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=1, sort_keys=True) + "\n", "utf-8")


def _write_arrays(path: Path, values: dict[str, np.ndarray]) -> None:
    np.savez_compressed(path, **values)


RECORDS: dict[str, tuple[Path, Callable[[Path, Any], None], Callable[[], Any]]] = {
    "READER": (HERE / f"reader-{versions.READER}.json", _write_json, reader),
    "PREPARE": (HERE / f"prepare-{versions.PREPARE}.npz", _write_arrays, prepared),
    "CLASSIFIER": (HERE / f"classifier-{versions.CLASSIFIER}.json", _write_json, said),
}


def main() -> None:
    """Record what has a new number."""
    for name, (path, write, make) in RECORDS.items():
        if path.exists():
            print(f"{path.name} is on record. Where it has changed: raise versions.{name}.")
        else:
            write(path, make())
            for before in HERE.glob(f"{path.name.split('-')[0]}-*{path.suffix}"):
                if before != path:
                    before.unlink()
            print(f"{path.name} is recorded.")


if __name__ == "__main__":
    main()
