"""The decoding process: what dies, hangs or grows in it is a sentence; the next file is read."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import openjpeg.utils
import pydicom
import pydicom.data
import pytest
from pydicom.encaps import get_frame

from braintumor_desktop import errors
from braintumor_desktop.imaging import decoder_process
from braintumor_desktop.imaging.decoder_process import DecoderError, DecoderProcess
from braintumor_desktop.imaging.read import read_slice

FILES = Path(pydicom.data.__file__).parent / "test_files"
CODECS = "braintumor_desktop.imaging.dicom.codecs"


def codestream(name: str = "MR_small_jp2klossless.dcm") -> bytes:
    return get_frame(pydicom.dcmread(FILES / name).PixelData, 0, number_of_frames=1)


@pytest.fixture(scope="module")
def process() -> DecoderProcess:
    return DecoderProcess()


def test_one_process_decodes_frame_after_frame(process: DecoderProcess) -> None:
    expected = pydicom.dcmread(FILES / "MR_small.dcm").pixel_array
    pid = process.pid
    for _ in range(3):
        values = process.call(CODECS, "jpeg_2000", codestream(), 10, colour="")
        assert np.array_equal(values, expected)
    with pytest.raises(DecoderError, match="damaged"):
        process.call(CODECS, "jpeg_2000", codestream()[:200] + bytes(9000), 10, colour="")
    assert process.alive
    assert process.pid == pid != os.getpid()


def test_it_runs_nothing_but_decoders(process: DecoderProcess) -> None:
    with pytest.raises(DecoderError, match="job"):
        process.call("os", "getcwd", b"", 10)
    assert process.alive


@pytest.fixture(scope="module")
def large() -> bytes:
    """A codestream of 36 million pixels."""
    blank = np.zeros((6000, 6000), np.uint16)
    return bytes(openjpeg.utils.encode_array(blank, photometric_interpretation=2, bits_stored=16))


def test_what_takes_too_long_is_ended(large: bytes) -> None:
    process = DecoderProcess()
    with pytest.raises(DecoderError, match="time"):
        process.call(CODECS, "jpeg_2000", large, 0.01, colour="")
    assert not process.alive


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere memory is watched")
def test_what_takes_too_much_memory_is_refused(large: bytes) -> None:
    process = DecoderProcess(memory_bytes=250 * 2**20)
    with pytest.raises(DecoderError, match=r"memory|damaged|died"):
        process.call(CODECS, "jpeg_2000", large, 60, colour="")
    whole = DecoderProcess()
    assert whole.call(CODECS, "jpeg_2000", large, 60, colour="").shape == (6000, 6000)
    whole.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_decoder_that_dies_is_one_sentence_and_the_next_file_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    victim = DecoderProcess()
    receive = decoder_process.decoder_worker.receive

    def dies(stream: object) -> object:
        if victim.alive:
            os.kill(victim.pid, signal.SIGSEGV)
        return receive(stream)  # type: ignore[arg-type]

    monkeypatch.setattr(decoder_process._idle, "_waiting", [victim])
    monkeypatch.setattr(decoder_process.decoder_worker, "receive", dies)
    path = FILES / "MR_small_jp2klossless.dcm"
    with pytest.raises(errors.TruncatedFileError, match="their decoder ended on them"):
        read_slice(path)
    monkeypatch.setattr(decoder_process.decoder_worker, "receive", receive)
    assert read_slice(path).pixels.shape == (64, 64)


def test_an_installation_without_a_decoder_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def start() -> None:
        raise OSError("no")

    monkeypatch.setattr(decoder_process._idle, "_waiting", [])
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    with pytest.raises(errors.UnsupportedImageError, match="does not start"):
        read_slice(FILES / "MR_small_jp2klossless.dcm")


SCRIPT = """
import multiprocessing, sys
from pathlib import Path
from braintumor_desktop.imaging.read import read_slice

def answer(path):
    assert multiprocessing.current_process().daemon
    print(read_slice(Path(path)).pixels.shape, flush=True)

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(
        target=answer, args=(sys.argv[1],), daemon=True
    )
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""


def test_the_helpers_of_a_batch_can_decode(tmp_path: Path) -> None:
    script = tmp_path / "batch.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, FILES / "MR_small_jp2klossless.dcm"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    assert done.stdout == "(64, 64)\n"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_it_ends_with_the_app() -> None:
    script = (
        "from pathlib import Path; from braintumor_desktop.imaging import decoder_process; "
        "process = decoder_process.DecoderProcess(); print(process.pid, flush=True); "
        "import os; os._exit(9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 9
    try:
        handle = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        return
    assert select.select([handle], [], [], 60)[0], "the decoding process is still there"
    os.close(handle)
