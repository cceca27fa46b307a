"""How fast a study is retrieved from Orthanc, beside dcmtk's getscu in the same run. Prints JSON.

python tests/benchmarks/bench_archive.py [--instances 1000] [--turns 3]
"""

from __future__ import annotations

import argparse
import json
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
    """Retrieve a study by both in turn, and print the best rate of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    count = options.instances
    with TemporaryDirectory() as name, started_orthanc(Path(name), 4242) as (archive, _):
        folder = Path(name)
        files = write_study(folder / "study", count)
        services.send(archive, files)
        (study,) = services.find(archive, StudyQuery(patient_id="TEST-1"))
        ours, theirs = [], []
        for turn in range(options.turns):
            began = time.perf_counter()
            services.retrieve(archive, study.study_instance_uid, Cache(folder / f"cache{turn}"))
            ours.append(count / (time.perf_counter() - began))
            out = folder / f"getscu{turn}"
            out.mkdir()
            command = ["getscu", "-S", "-aec", "ORTHANC", "-od", str(out), "127.0.0.1"]
            uid = f"StudyInstanceUID={study.study_instance_uid}"
            keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", uid]
            began = time.perf_counter()
            subprocess.run([*command, str(archive.port), *keys], check=True, capture_output=True)
            theirs.append(count / (time.perf_counter() - began))
            assert len(list(out.iterdir())) == count
    result = {"instances": count, "ours": round(max(ours)), "getscu": round(max(theirs))}
    print(json.dumps({**result, "ratio": round(max(ours) / max(theirs), 2)}))


if __name__ == "__main__":
    main()
