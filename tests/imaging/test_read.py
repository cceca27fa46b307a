"""Files as such: what is told by content, and every way to refuse."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import stat
import struct
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from braintumor_desktop import errors
from braintumor_desktop.imaging import limits
from braintumor_desktop.imaging.read import decode_slice, read_slice


def head() -> np.ndarray:
    """matplotlib's MRI head: uint16 (256, 256)."""
    packed = Path(mpl.get_data_path()) / "sample_data" / "s1045.ima.gz"
    return np.frombuffer(gzip.decompress(packed.read_bytes()), np.uint16).reshape(256, 256)


def encoded(form: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray((head() >> 8).astype(np.uint8)).save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "TIFF"])
def test_content_decides_and_not_the_suffix(form: str, tmp_path: Path) -> None:
    path = tmp_path / "Schädel (кт).dcm"
    path.write_bytes(encoded(form))
    read = read_slice(path)
    assert read.source.format == form
    assert read.source.path == path
    assert read.source.identifiers is None
    assert read.pixels.dtype == np.float32
    assert read.pixels.shape == (256, 256)
    assert not read.pixels.flags.writeable
    assert read.warnings == ()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissingError):
        read_slice(tmp_path / "nothing.png")
    with pytest.raises(errors.FileMissingError):
        read_slice(tmp_path / "nul\0byte")


def test_a_file_below_a_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded("PNG"))
    with pytest.raises(errors.FileMissingError):
        read_slice(tmp_path / "a.png" / "b.png")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(errors.NotAnImageError, match="folder"):
        read_slice(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(errors.NotAnImageError, match="pipe"):
        read_slice(tmp_path / "pipe")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permission bits")
def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.png"
    path.write_bytes(encoded("PNG"))
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read everything: let the system call itself refuse

        def refuse(self: Path, *_: object, **__: object) -> bytes:
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(errors.FileAccessError) as caught:
        read_slice(path)
    assert "locked" not in str(caught.value)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_an_input_output_error_names_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scratched.png"
    path.write_bytes(encoded("PNG"))

    def fail(self: Path, *_: object, **__: object) -> bytes:
        raise OSError(5, "Input/output error", str(self))

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(errors.FileAccessError, match="Input/output error") as caught:
        read_slice(path)
    assert "scratched" not in str(caught.value)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(errors.EmptyFileError):
        read_slice(tmp_path / "empty.png")


def test_a_file_beyond_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(limits.MAX_FILE_BYTES + 1)  # sparse: takes no room

    def never(self: Path) -> bytes:
        raise AssertionError("the file was read")

    monkeypatch.setattr(Path, "read_bytes", never)
    with pytest.raises(errors.DimensionsError, match="512 MiB"):
        read_slice(path)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("GIF", b"GIF89a" + bytes(100)),
        ("WebP", b"RIFF\x10\0\0\0WEBPVP8 " + bytes(100)),
        ("NIfTI", struct.pack("<i", 348) + bytes(340) + b"n+1\0" + bytes(100)),
        ("JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100)),
        ("HEIF", b"\0\0\0\x18ftypheic" + bytes(100)),
        ("BigTIFF", b"II+\0\x08\0\0\0" + bytes(100)),
        ("ZIP", b"PK\3\4" + bytes(100)),
        ("gzip", gzip.compress(b"anything")),
    ],
)
def test_other_formats_are_refused_by_name(name: str, data: bytes) -> None:
    with pytest.raises(errors.UnsupportedImageError, match=name):
        decode_slice(data, Path("x"))


@pytest.mark.parametrize("data", [b"\0", b"hello, clinician", b"\0" * 5000, b"BM", b"\xff\xd8"])
def test_what_is_no_image(data: bytes) -> None:
    with pytest.raises((errors.NotAnImageError, errors.TruncatedFileError)):
        decode_slice(data, Path("x"))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "TIFF"])
def test_a_cut_file_is_refused_wherever_it_is_cut(form: str) -> None:
    whole = encoded(form)
    places = {*np.linspace(30, len(whole) - 1, 60, dtype=int), *range(len(whole) - 4, len(whole))}
    for place in places:
        with pytest.raises(errors.TruncatedFileError):
            decode_slice(whole[:place], Path("x"))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "TIFF"])
def test_damaged_headers_raise_nothing_but_the_errors_for_people(form: str) -> None:
    whole = encoded(form)
    random = np.random.default_rng(5)
    for place in random.integers(len(whole[:700]), size=150):
        damaged = bytearray(whole)
        damaged[place] = random.integers(256)
        with contextlib.suppress(errors.SliceReadError):  # any other error fails the test
            assert np.isfinite(decode_slice(bytes(damaged), Path("x")).pixels).all()


def test_no_sentence_has_the_path(tmp_path: Path) -> None:
    contents = [b"", b"text", encoded("PNG")[:500], encoded("JPEG")[:500], encoded("TIFF")[:500]]
    for number, content in enumerate(contents):
        path = tmp_path / f"Doe_Jane_{number}"
        path.write_bytes(content)
        with pytest.raises(errors.SliceReadError) as caught:
            read_slice(path)
        assert "Doe" not in str(caught.value)


def test_a_stride_of_the_data_set_agrees_with_pillow(data_folder: Path) -> None:
    folders = (data_folder / "brain-tumor-mri", data_folder / "tumor-type-unknown")
    paths = [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
    assert len(paths) == 7023 + 489
    for path in paths[::37]:
        read = read_slice(path)
        with Image.open(path) as image:
            rgb = np.asarray(image.convert("RGB"), dtype=np.float64)
        assert np.abs(read.pixels - rgb @ (0.299, 0.587, 0.114)).max() < 2, path.name
