"""What an ONNX file holds, read from its bytes before ONNX Runtime gets to see it.

An ONNX file is a protocol buffer (onnx.proto of ONNX 1.17; encoding.html of the protocol buffers'
documentation). Only what decides whether the network is taken is read: its metadata, and whether it
has parts that a classifier of slices does not need and that could read files or run without end.
"""

from __future__ import annotations

from collections.abc import Iterator

from braintumor_desktop.errors import ModelBundleError

_Bytes = bytes | memoryview
_Field = tuple[int, int | _Bytes]
"""A field's number, and its value: a whole number or bytes."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}

_GRAPH, _METADATA, _TRAINING, _FUNCTIONS = 7, 14, 20, 25  # of ModelProto
_NODE, _INITIALIZER, _SPARSE_INITIALIZER = 1, 5, 15  # of GraphProto
_ATTRIBUTE = 5  # of NodeProto
_TENSOR, _SUBGRAPH, _TENSORS, _SUBGRAPHS = 5, 6, 10, 11  # of AttributeProto
_SPARSE, _SPARSES = 22, 23
_EXTERNAL, _LOCATION = 13, 14  # of TensorProto
_VALUES, _INDICES = 1, 2  # of SparseTensorProto
_KEY, _VALUE = 1, 2  # of StringStringEntryProto

_OUTSIDE = "The network keeps data outside its own file, which is not read."
_LOOPS = "The network has parts that could run without end (loops or functions); it is not run."


def metadata(network: bytes) -> dict[str, str]:
    """Return the metadata of a network that is safe to load.

    Parameters
    ----------
    network
        The bytes of `model.onnx`.

    Raises
    ------
    ModelBundleError
        Where the bytes are no ONNX file, where a tensor lies outside the file (external data), or
        where a node has a graph of its own (Loop, Scan, If) or functions stand beside the graph.

    """
    found: dict[str, str] = {}
    try:
        for number, value in _fields(network):
            if number == _GRAPH:
                _check_graph(_bytes(value))
            elif number == _METADATA:
                entry = dict(_fields(_bytes(value)))
                key, text = (
                    bytes(_bytes(entry.get(part, b""))).decode() for part in (_KEY, _VALUE)
                )
                found[key] = text
            elif number in (_FUNCTIONS, _TRAINING):
                raise ModelBundleError(_LOOPS)
    except (IndexError, ValueError) as error:
        raise ModelBundleError("The network is no ONNX file.") from error
    return found


def with_metadata(network: bytes, values: dict[str, str]) -> bytes:
    """Return the network with `values` added to its metadata, its graph left as it is.

    Fields that may repeat can stand anywhere in a protocol buffer, so the new ones come last.
    """
    entries = (
        _field(_KEY, key.encode()) + _field(_VALUE, text.encode()) for key, text in values.items()
    )
    return network + b"".join(_field(_METADATA, entry) for entry in entries)


def _check_graph(graph: _Bytes) -> None:
    for number, value in _fields(graph):
        if number == _NODE:
            for part, attribute in _fields(_bytes(value)):
                if part == _ATTRIBUTE:
                    _check_attribute(_bytes(attribute))
        elif number == _INITIALIZER:
            _check_tensor(_bytes(value))
        elif number == _SPARSE_INITIALIZER:
            _check_sparse(_bytes(value))


def _check_attribute(attribute: _Bytes) -> None:
    for number, value in _fields(attribute):
        if number in (_SUBGRAPH, _SUBGRAPHS):
            raise ModelBundleError(_LOOPS)
        if number in (_TENSOR, _TENSORS):
            _check_tensor(_bytes(value))
        elif number in (_SPARSE, _SPARSES):
            _check_sparse(_bytes(value))


def _check_sparse(sparse: _Bytes) -> None:
    for number, value in _fields(sparse):
        if number in (_VALUES, _INDICES):
            _check_tensor(_bytes(value))


def _check_tensor(tensor: _Bytes) -> None:
    for number, value in _fields(tensor):
        if number == _EXTERNAL or (number == _LOCATION and value != 0):
            raise ModelBundleError(_OUTSIDE)


def _fields(message: _Bytes) -> Iterator[_Field]:
    """The fields of a message in their order; raises IndexError or ValueError where it is none."""
    view, at = memoryview(message), 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == _BYTES:
            length, at = _varint(message, at)
        elif kind in _FIXED:
            length = _FIXED[kind]
        else:
            raise ValueError(f"wire type {kind}")
        if at + length > len(message):
            raise ValueError("the message ends early")
        yield number, view[at : at + length]
        at += length


def _varint(message: _Bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise ValueError("a number of more than ten bytes")


def _bytes(value: int | _Bytes) -> _Bytes:
    if isinstance(value, int):
        raise ValueError("a number where bytes are expected")
    return value


def _field(number: int, value: bytes) -> bytes:
    length, encoded = len(value), bytearray([number << 3 | _BYTES])
    while length > 0x7F:
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    encoded.append(length)
    return bytes(encoded) + value
