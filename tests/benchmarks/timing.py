"""What the benchmarks share: how times are summed up, and how busy the machine was meanwhile."""

from __future__ import annotations

import os
import statistics


def summary(times: list[float], digits: int) -> dict[str, float]:
    """The smallest, middle and largest of `times`, rounded to `digits` decimals."""
    values = {"min": min(times), "median": statistics.median(times), "max": max(times)}
    return {name: round(value, digits) for name, value in values.items()}


def machine() -> dict[str, object]:
    """The cores, and the load average over 1, 5 and 15 minutes where the system tells it."""
    load = [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else None
    return {"cores": os.cpu_count(), "load_average": load}
