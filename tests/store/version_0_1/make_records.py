"""Makes the records of version 0.1: run with that version's folder as PYTHONPATH."""

import csv
import os
import shutil
from pathlib import Path

os.environ["USER"] = os.environ["LOGNAME"] = os.environ["LNAME"] = os.environ["USERNAME"] = "tester"
from braintumor_desktop.demo import write_demo_slice
from braintumor_desktop.review.records import Decision, Records

from braintumor_desktop.cli import main

folder = Path("/data/slices")
demo = write_demo_slice(folder).read_bytes()
(folder / "letter.txt").write_text("Dear colleague")
(folder / "cut.png").write_bytes(demo[:900])
main(["batch", str(folder), "--out", "out.csv", "--records", "records.sqlite"])
with Path("out.csv").open(encoding="utf-8-sig") as table:
    rows = {line["file"]: line for line in csv.DictReader(table)}
records = Records(Path("records.sqlite"), "tester")
key = records._read("SELECT key FROM answer LIMIT 1")[0][0]
event = records.decide(rows["demo-slice.png"]["sha256"], key, Decision("disagree", "glioma", ""))
records.undo(event)
records.decide(rows["demo-slice.png"]["sha256"], key, Decision("agree", "notumor", "Clear."))
records.decide(rows["cut.png"]["sha256"], key, Decision("unsure", "", "Ask Dr K."))
records.begin_run([Path("/data/slices")], key)  # and cut off
records.close()
# The same, killed before its log was folded in; and one killed right after it was made.
records = Records(Path("killed.sqlite"), "tester")
records.decide(rows["cut.png"]["sha256"], key, Decision("unsure", "", "Ask Dr K."))
for end in ("", "-wal"):
    shutil.copy("killed.sqlite" + end, "copy.sqlite" + end)
