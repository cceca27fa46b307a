"""How fast a study is retrieved from Orthanc, beside dcmtk's getscu in the same run. Prints JSON.

python tests/benchmarks/bench_archive.py [--instances 1000] [--turns 3]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from braintumor_desktop.network import services
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.query import StudyQuery
from tests.network.conftest import started_orthanc, write_study


def main() -> None:
    """Retrieve a study by both, each first in every other turn; print the best rate of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    count = options.instances
    with TemporaryDirectory() as name, started_orthanc(Path(name), 4242) as (archive, _):
        folder = Path(name)
        services.send(archive, write_study(folder / "study", count))
        (study,) = services.find(archive, StudyQuery(patient_id="TEST-1"))
        uid = study.study_instance_uid

        def ours(turn: int) -> Path:
            return services.retrieve(archive, uid, Cache(folder / f"cache{turn}"))

        def getscu(turn: int) -> Path:
            out = folder / f"getscu{turn}"
            out.mkdir()
            command = ["getscu", "-S", "-aec", "ORTHANC", "-od", str(out), "127.0.0.1"]
            keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={uid}"]
            subprocess.run([*command, str(archive.port), *keys], check=True, capture_output=True)
            return out

        rates: dict[str, list[int]] = {"ours": [], "getscu": []}
        for turn in range(options.turns):
            for act in (ours, getscu) if turn % 2 else (getscu, ours):
                began = time.perf_counter()
                out = act(turn)
                rates[act.__name__].append(round(count / (time.perf_counter() - began)))
                assert len(list(out.iterdir())) == count
    best = {name: max(turns) for name, turns in rates.items()}
    ratio = round(best["ours"] / best["getscu"], 2)
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    print(json.dumps({"instances": count, **best, "ratio": ratio, "turns": rates, "load": load}))


if __name__ == "__main__":
    main()
