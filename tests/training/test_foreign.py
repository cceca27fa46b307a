from braintumor_desktop.paths import model_bundle
from training.foreign import judge_foreign


def test_bundled_network_refuses_what_is_no_slice_of_a_head(small_data):
    counts = judge_foreign(model_bundle(), small_data)

    nothing = {kind: counts[kind] for kind in ("text", "noise", "blank", "slices inverted")}
    assert all(count.refused == count.total > 0 for count in nothing.values()), nothing
    turned = [counts["slices upside down"], counts["slices turned by 90°"]]
    assert [count.total for count in turned] == [12, 12]  # the small folder's Testing slices
    assert all(count.refused + count.as_upright == count.total for count in turned), turned
