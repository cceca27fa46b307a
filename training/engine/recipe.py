"""Everything that decides what a run gives: recipes, read from `recipes/*.toml`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from braintumor_desktop.domain.answer import NO_TUMOUR
from training.data.augment import Appearance, Warp
from training.datasets.tumor_type_unknown import KIND as TYPE_UNKNOWN_KIND

OFFICIAL, EVERYTHING = "official", "everything"
NO_FOLD = -1
"""The left-out fold of a run on everything."""

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
APP = RECIPES / "app.toml"
SEED = RECIPES / "seed.toml"

CONFIGURATION = "configuration.json"
"""What a run writes its recipe into."""

_EVEN = {
    "glioma": 0.22,
    "meningioma": 0.22,
    NO_TUMOUR: 0.22,
    "pituitary": 0.22,
    "type-unknown": 0.12,
}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a run of the app's network gives.

    The groups of `left_out_fold` are never seen, nor what shows a picture of them; None leaves out
    the official Testing split, its copies and mirror images in Training excepted; `NO_FOLD` leaves
    out nothing, as for the network of the bundle. `shares` says how often each kind of slice is
    drawn (`TrainingSlice.kind`; any unit); kinds that it does not name are not seen. A share
    `outlier_share` of the draws is made foreign: such views teach the network to say so, and
    nothing else.
    `start` is the folder of coarser runs whose network without the same fold the run goes on with,
    "" for the weights of ImageNet alone; `frozen_stride` is the last stride of the backbone that
    keeps those, 0 none. `mask_weight` 0 trains without outlines. A share `appearance_share` of the
    views gets another look, by `appearance`, and before it a share `histogram_share` the histogram
    of another draw and a share `convolution_share` random convolutions; of the tumours, a share
    `tumour_contrast_share` gets another contrast, and no type (`data.style`). The head for
    which way is up has `upright_epochs`, without the first two. `precision` is a Keras policy.
    `fingerprint` is that of the packed slices, which training writes down.
    """

    packed: str
    left_out_fold: int | None
    epochs: int = 11
    draws: int = 4096
    batch_size: int = 32
    learning_rate: float = 5e-4
    weight_decay: float = 0.02
    warm_up_epochs: int = 1
    smoothing: float = 0.05
    mask_weight: float = 2.0
    shares: dict[str, float] = field(default_factory=lambda: dict(_EVEN))
    outlier_share: float = 0.12
    outlier_weight: float = 0.5
    start: str = ""
    frozen_stride: int = 8
    warp: Warp = field(default_factory=Warp)
    appearance: Appearance = field(default_factory=Appearance)
    appearance_share: float = 0.5
    histogram_share: float = 0.0
    convolution_share: float = 0.0
    tumour_contrast_share: float = 0.0
    upright_epochs: int = 6
    precision: str = "float32"
    seed: int = 0
    fingerprint: str = ""


def stage_settings(path: Path, stage: str) -> dict[str, Any]:
    """Return what a recipe's file says of one of its stages, the common settings included.

    A file has the settings of all stages at its top and a table for each stage that overrides
    them. Raises `ValueError` where the file lacks the stage or names a setting that there is not.
    """
    values = read_toml(path)
    stages = {key: value for key, value in values.items() if key in ("coarse", "fine")}
    if stage not in stages:
        raise ValueError(f"{path} has no stage {stage}.")
    common = {key: value for key, value in values.items() if key not in stages}
    settings = common | stages[stage]
    check_settings(settings, Recipe, path)
    return _typed(settings)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file; `ValueError` names the file where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is no TOML: {error}.") from error


def check_settings(settings: Mapping[str, Any], recipe: type, path: Path) -> None:
    """Raise `ValueError` where a setting is none of the fields of `recipe`."""
    known = {one.name for one in fields(recipe)}
    for name in settings:
        if name not in known:
            raise ValueError(f"{path}: there is no setting {name}.")


def without(settings: dict[str, Any], part: str) -> dict[str, Any]:
    """Return the settings without a part, for ablations: "mask", "type-unknown", "appearance"."""
    if part == "mask":
        return settings | {"mask_weight": 0.0}
    if part == "appearance":
        looks = ("appearance_share", "histogram_share", "convolution_share")
        return settings | dict.fromkeys(looks, 0.0)
    shares = settings.get("shares", _EVEN)
    return settings | {"shares": {k: v for k, v in shares.items() if k != TYPE_UNKNOWN_KIND}}


def read_recipe(run: Path) -> Recipe:
    """Return the recipe of an earlier run; `ValueError` where another version of this wrote it."""
    values = json.loads((run / CONFIGURATION).read_text(encoding="utf-8"))
    if values.keys() != {one.name for one in fields(Recipe)}:
        raise ValueError(f"{run} was trained by another version: train it anew.")
    return Recipe(**_typed(values))


def run_name(fold: int | None) -> str:
    """Return the folder, among those of one recipe, of the run that leaves out a fold."""
    if fold is None:
        return OFFICIAL
    return EVERYTHING if fold == NO_FOLD else f"without-fold-{fold}"


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    made = {"warp": Warp, "appearance": Appearance}
    return {key: made[key](**value) if key in made else value for key, value in values.items()}
