"""A small picture, as each decoder of compressed DICOM has to read it: 64 x 64, a slope of grey.

The app decodes and never encodes, so that what its self-test reads was made elsewhere.
"""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray
from pydicom import uid

# By the decoder: what base64 says is the codestream.
SAMPLES = {
    "jpeg, 8 bits": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
        "EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wAALCABAAEABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQF"
        "BgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2Jygg"
        "kKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWW"
        "l5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACA"
        "EBAAA/AP4b9N8Efd/c+n8Negab4I+7+59P4a9A03wR939z6fw16Bpvgj7v7n0/hr0DTfBH3f3Pp/DXoGm+CPu/"
        "ufT+GvQNN8Efd/c+n8Negab4I+7+59P4a/P/AE3wR939z6fw16Bpvgj7v7n0/hr0DTfBH3f3Pp/DXoGm+CPu/u"
        "fT+GvQNN8Efd/c+n8Negab4I+7+59P4a9A03wR939z6fw16Bpvgj7v7n0/hr8/9N8Efd/c+n8Negab4I+7+59P"
        "4a9A03wR939z6fw16Bpvgj7v7n0/hr0DTfBH3f3Pp/DXoGm+CPu/ufT+GvQNN8Efd/c+n8Negab4I+7+59P4a/"
        "P/AE3wR939z6fw16Bpvgj7v7n0/hr0DTfBH3f3Pp/DXoGm+CPu/ufT+GvQNN8Efd/c+n8Negab4I+7+59P4a9A"
        "03wR939z6fw16Bpvgj7v7n0/hr8/9N8Efd/c+n8Negab4I+7+59P4a9A03wR939z6fw16Bpvgj7v7n0/hr0DTf"
        "BH3f3Pp/DXoGm+CPu/ufT+GvQNN8Efd/c+n8Negab4I+7+59P4a/P/AE3wR939z6fw16Bpvgj7v7n0/hr0DTfB"
        "H3f3Pp/DXoGm+CPu/ufT+GvQNN8Efd/c+n8Negab4I+7+59P4a9A03wR939z6fw16Bpvgj7v7n0/hr8/9N8Efd"
        "/c+n8Negab4I+7+59P4a9A03wR939z6fw16Bpvgj7v7n0/hr0DTfBH3f3Pp/DXoGm+CPu/ufT+GvQNN8Efd/c+"
        "n8Negab4I+7+59P4a/P/AE3wR939z6fw16Bpvgj7v7n0/hr0DTfBH3f3Pp/DXoGm+CPu/ufT+GvQNN8Efd/c+n"
        "8Negab4I+7+59P4a9A03wR939z6fw16Bpvgj7v7n0/hr//2Q=="
    ),
    "jpeg, 12 bits": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
        "EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wQALDABAAEABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAACQwO/8QA"
        "HBAAAAYDAAAAAAAAAAAAAAAAAAcLJzRGUmRx/9oACAEBAAA/AMN/lsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3Udj"
        "cK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81hQAFsndR2Nwrv"
        "NYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIA"
        "Wyd1HY3Cu81hQAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3"
        "UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81hQAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2N"
        "wrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81hQAFsndR2NwrvNYIAWyd1HY3Cu8"
        "1ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81hQA"
        "FsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsnd"
        "R2NwrvNYIAWyd1HY3Cu81hQAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3"
        "Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81hQAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7z"
        "WCAFsndR2NwrvNYIAWyd1HY3Cu81ggBbJ3UdjcK7zWCAFsndR2NwrvNYIAWyd1HY3Cu81h//2Q=="
    ),
    "jpeg_lossless": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALDABAAEABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAAAwYM/9oACAEBAA"
        "EAAM/+iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJeIiIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIiIiIiXiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIl4iIiIiIiIiIiIiIiI"
        "iIiIiIiIiIiIiIiIiIiIiIiIiJ/9k="
    ),
    "jpeg_ls": (
        "/9j/6AAgU1BJRkYAAgAAAQAAAEAAAABAChAGAQAAASwAAAEs/+gACAAAAAH/2P/3AAsQAEAAQAEBEQD/+AANAf"
        "//ABIAQwEUAED/2gAIAQEAAAAAoDwHgLAcBwHgLAcBwGAwGAwMDAwMB4CwHAcBgMBgMDAwMDAwMDAwYMGDBgwY"
        "MGDBgwYMGDBhhhhhhhhhhhhhjxAiA0CQFAoFAIBAQEBAQEBAQECBAgQIECBAgQIECBAgQQQQQQQQQQQQQQQQQQ"
        "QQQQQQQQQQQQQIjxBBCEIQhCEIQhCEIQhCEIQhCEIQhCEREREREREREREREREREQGjtEREkkkkkkkkkkkkkkkl"
        "VVVVVVVVQJOlVf9//3//f/94CnL/f/9//3//f+BXD/9//3//f/9+BW7/f/9//3//f+AWz/9//3//f/9+AWr/f/"
        "9//3//f+AtH/9//3//f/98BZv/f/9//3//f4Cyf/9//3//f/9wFi//f/9//3//fgLB/3//f/9//3/Ab3//f/9/"
        "/3//cBuf/3//f/9//3wG1/9//3//f/9/A2P/f/9//3//f4Gt/3//f/9//3/A1P9//3//f/9/4Gl//3//f/9//3"
        "A0P/9//3//f/94Gd//f/9//3//fAzP/3//f/9//34GV/9//3//f/9/AyP/f/9//3//f4GN/3//f/9//3/AxP9/"
        "/3//f/9/4GF//3//f/9//3AwP/9//3//f/94F9//f/9//3//fAvP/3//f/9//34F1/9//3//f/9/Bcf/f/9//3"
        "//fwW3/3//f/9//38Fp/9//3//f/9/BZf/f/9//3//fwWX/3//f/9//38Fh/9//3//f/9/BXf/f/9//3//fwV3"
        "/3//f/9//38FZ/9//3//f/9/Bs//f/9//3//fg1f/3//f/9//3wav/9//3//f/94NH//f/9//3//cGj/f/9//3"
        "//f+DN/3//f/9//3/Bm/9//3//f/9/gyf/f/9//3//fwZP/3//f/9//34Mn/9//3//f/98GL//f/9//3//eDF/"
        "/3//f/9//3Bi/3//f/9//3/gwf9//3//f/9/wYP/f/9//3//f4MH/3//f/9//38GD/9//3//f/9+C9//f/9//3"
        "//fBe//3//f/9//3gvf/9//3//f/9wXv9//3//f/9/4P/Z"
    ),
    "jpeg_2000": (
        "/0//UQApAAAAAABAAAAAQAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAAAAABCwEB/1IADAAAAAEABQQEAAH/XAATQG"
        "BoaHBoaHBoaHBoaHBoaHD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjL/kAAKAAAAAACH"
        "AAH/k9/gHAeuVmXB5dHAfaBx/IKADQIFCz4CKL/APqBYfsDgIhoIXY8Df+ZQKvKVwB84eD8wsDahma5jo189pj"
        "RfNwYF9LLSm8APkEQPwCxfp8eIoA2wf52sKUEHbQgAwkI/wAfCLAPqDQCLYgGrqOGNYqeqMhcqAAAwkJf/2Q=="
    ),
    "htj2k": (
        "/0//UQApQAAAAABAAAAAQAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAA"
        "UEBEAB/1wAEyCIkJCQkJCQkJCQkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAARYAAf+T"
        "wAArAP9/2+7b/rftAoG0AMAAE0AAE4AQyAECdACQCIkAw1QAwAAVEAAFYAiCIKpwgnUASEQCCST+wFKB7LYAwA"
        "AVsAAFqEIIIYQQ58p6enACeAAiihAhQoQIESL+/ZCAe/ZCAey6AMAAFqwAAXSAAAAAAAAAAAD5/wCnp6enp6en"
        "wn0ADBkYGBgYGBgYGBgYGBgYGP7/eGDGB79jGB79jGB79jGB7LMBwAAt2AAF3YCqqqqqqqqqqv6//Cnp6enp6e"
        "np6enp6enp6eJ1AXbbtm3btm3btm3btm3btm3btm3btm3btv9/2wBCB79hCB79hCB79hCB79hCB79hCB79hCB7"
        "9hCB7LMC/9k="
    ),
}

_OF = {
    uid.JPEGBaseline8Bit: "jpeg, 8 bits",
    uid.JPEGExtended12Bit: "jpeg, 12 bits",
    uid.JPEGLossless: "jpeg_lossless",
    uid.JPEGLosslessSV1: "jpeg_lossless",
    uid.JPEGLSLossless: "jpeg_ls",
    uid.JPEGLSNearLossless: "jpeg_ls",
    uid.JPEG2000Lossless: "jpeg_2000",
    uid.JPEG2000: "jpeg_2000",
    uid.HTJ2KLossless: "htj2k",
    uid.HTJ2KLosslessRPCL: "htj2k",
    uid.HTJ2K: "htj2k",
}


def sample(syntax: uid.UID) -> tuple[bytes, NDArray[np.uint16]] | None:
    """A codestream of `syntax` and the (64, 64) values that it has, None where there is none."""
    name = _OF.get(syntax)
    if name is None:
        return None
    rows, columns = np.mgrid[:64, :64]
    values = rows * 3 + columns if name == "jpeg, 8 bits" else rows * 60 + columns * 4
    return base64.b64decode(SAMPLES[name]), values.astype(np.uint16)
