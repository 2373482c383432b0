"""相邻与连片的速度：十万宗互相挨着的图形，投影、相接、合片一共多少秒。

用法：python -m tests.bench.adjacency 100000
"""

from __future__ import annotations

import sys
import time

import numpy as np
import shapely
from pyproj import CRS

from advisor.screening.spatial import connected, projected


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    wide = int(count**0.5) + 1
    rng = np.random.default_rng(1)
    at = np.arange(count)
    x, y = 500_000 + at % wide * 50.0, 3_000_000 + at // wide * 50.0
    gap = rng.choice([0.0, 0.05, 3.0], count)
    shapes = shapely.box(x, y, x + 50 - gap, y + 50 - gap)
    crs = CRS.from_epsg(4547)
    start = time.perf_counter()
    found = projected(shapes, crs)
    middle = time.perf_counter()
    totals = connected(found, rng.random(count) < 0.6)
    end = time.perf_counter()
    groups = len(np.unique(totals[~np.isnan(totals)]))
    print(f"{count} 宗：投影与量面积 {middle - start:.1f} s，相接合片 {end - middle:.1f} s（不同的片面积 {groups} 种）")


if __name__ == "__main__":
    main()
