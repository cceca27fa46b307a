from braintumor_desktop.paths import model_bundle
from training.datasets.slice_review import read_findings
from training.evaluation.foreign import judge_foreign


def test_bundled_network_refuses_what_is_no_slice_of_a_head(small_data):
    counts = judge_foreign(model_bundle(), small_data)

    nothing = {kind: counts[kind] for kind in ("text", "noise", "blank")}
    assert all(count.refused == count.total > 0 for count in nothing.values()), nothing
    # Of inverted slices 1.0 lets three in forty pass, 0.11 none (docs/experiments/2026-11.md).
    inverted = counts["slices inverted"]
    assert inverted.refused >= 0.9 * inverted.total > 0
    turned = [counts["slices upside down"], counts["slices turned by 90°"]]
    findings = read_findings()  # one that stands upside down would stand upright
    paths = [path.relative_to(small_data).as_posix() for path in small_data.glob("Testing/*/*.jpg")]
    standing = sum(path in findings for path in paths)
    assert standing > 0
    assert [count.total for count in turned] == [12 - standing, 12]
    assert all(count.refused + count.as_upright == count.total for count in turned), turned
