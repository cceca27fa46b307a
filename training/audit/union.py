"""Sets that are joined pair by pair (union-find, Tarjan 1975)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Union:
    """`count` elements, each a set of its own until it is joined; its smallest member names it."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def find(self, element: int) -> int:
        """The smallest member of the element's set."""
        while self._parent[element] != element:
            self._parent[element] = self._parent[self._parent[element]]
            element = self._parent[element]
        return element

    def join(self, first: int, second: int) -> None:
        """Make one set of two."""
        low, high = sorted((self.find(first), self.find(second)))
        self._parent[high] = low

    def numbers(self) -> NDArray[np.int64]:
        """For each element the number of its set, int64 (count,), by first appearance from 0."""
        roots = [self.find(element) for element in range(len(self._parent))]
        order = {root: number for number, root in enumerate(dict.fromkeys(roots))}
        return np.array([order[root] for root in roots], np.int64)
