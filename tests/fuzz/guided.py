"""Fuzzing that is led by coverage: what reaches a new line of the app is damaged further.

    python tests/fuzz/guided.py TARGET [--seconds 240] [--seed 1] [--keep FOLDER] [--json]

TARGET is one of those of `targets.py`, or `all` for one after the other. Each runs in a process of
its own under libFuzzer (Atheris), with the app's own modules and pydicom instrumented. An exception
that the app does not foresee, 20 s over one file, and 2 GB of memory end it and are a fault; the
file that did it is kept. Said are how many files were fed, how many places of the code (edges of
the instrumented bytecode) the seeds alone reached and how many it is at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = ("raster", "dicom", "series", "dicomdir", "bundle", "records", "settings")
_UNIT_S, _MEMORY_MIB, _MOST_BYTES = 20, 2048, 96 * 1024
_STARTING_S = 240


def main() -> int:
    """Run as the module says; 1 where there was a fault."""
    if sys.argv[1:2] == ["--fed-by-libfuzzer"]:
        _feed(sys.argv[2], sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=(*NAMES, "all"))
    parser.add_argument("--seconds", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    parser.add_argument("--json", action="store_true", help="print one JSON object a target")
    options = parser.parse_args()
    failed = False
    for name in NAMES if options.target == "all" else (options.target,):
        told = run(name, options.seconds, options.seed, options.keep)
        failed |= bool(told["faults"])
        line = ", ".join(f"{what}: {value}" for what, value in told.items())
        print(json.dumps(told) if options.json else line, flush=True)
    return int(failed)


def run(name: str, seconds: int, seed: int, keep: Path) -> dict[str, object]:
    """Feed one target for as long; what was reached, and the faults."""
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, __file__, "--fed-by-libfuzzer", name, folder),
            *(f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={_MOST_BYTES}"),
            *(f"-timeout={_UNIT_S}", f"-rss_limit_mb={_MEMORY_MIB}", "-len_control=0"),
            *("-print_final_stats=1", f"-artifact_prefix={keep}/{name}-"),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds + _STARTING_S
            )
            said, status = done.stderr + done.stdout, done.returncode
        except subprocess.TimeoutExpired as error:
            said, status = (error.stderr or b"").decode("utf-8", "replace"), 1
    fed = re.findall(r"^#(\d+)\s+(\w+) +(?:cov: (\d+))?", said, re.MULTILINE)
    reached = [int(places) for _, _, places in fed if places]
    begun = [int(places) for _, what, places in fed if places and what == "INITED"]
    faults = [] if status == 0 else [_fault(said)]
    return {
        "target": name,
        "fed": max((int(number) for number, *_ in fed), default=0),
        "places_of_seeds": begun[0] if begun else 0,
        "places": reached[-1] if reached else 0,
        "faults": faults,
    }


def _fault(said: str) -> str:
    """The exception's line and the file that is kept, else the last that was said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"(\w+\.)*\w+(Error|Exception)\b|.*ERROR:", line)]
    kept = [line for line in lines if "Test unit written to" in line]
    return "; ".join(told[:2] + kept[:1]) or " / ".join(lines[-3:])


def _feed(name: str, options: list[str]) -> None:
    """The child: everything imported under instrumentation, then libFuzzer's loop."""
    import atheris

    sys.path.insert(0, str(HERE))
    with atheris.instrument_imports(include=["braintumor_desktop", "pydicom", "nibabel"]):
        import targets
    found, feed = targets.target(name)
    folder = Path(options[0])
    for number, data in enumerate(found):
        (folder / f"seed{number}").write_bytes(data)
    feed(found[0])  # what is imported late is not to count as found

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        changed = targets.changed_json(data, chance) if chance.random() < 0.5 else None
        return bytes(atheris.Mutate(data, most) if changed is None else changed[:most])

    more = {"custom_mutator": mutated} if name in ("bundle", "settings") else {}
    atheris.Setup([sys.argv[0], *options], feed, **more)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
