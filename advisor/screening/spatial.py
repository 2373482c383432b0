"""图形算出的事实：面积、连片、与给定图层的重叠、在内、相邻。要装 advisor[geo]。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import Field
from pyproj import CRS, Transformer
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from advisor.errors import RulePackError
from advisor.rulepack.listing import Among
from advisor.rulepack.reading import Problems, read_model
from advisor.rulepack.schema import Entry, FactName
from advisor.vocabulary import Vocabulary

TOLERANCE = 0.1
"""相接的容差，米。"""
SLIVER = 1.0
"""重叠不到一平方米的当作描图误差。"""
_MU = 10_000 / 15
"""一亩的平方米数：一公顷十五亩。"""
_GEOGRAPHIC = CRS.from_epsg(4490)

Geometries = np.ndarray[Any, np.dtype[Any]]
Derived = dict[str, list[float | bool | None]]


class GroupEntry(Entry):
    """连片。"""

    condition: FactName = Field(alias="条件")
    total: FactName = Field(alias="合计")


class LayerEntry(Entry):
    """一个图层怎么用。"""

    relation: Literal["重叠", "在内", "相邻"] = Field(alias="关系")
    total: FactName = Field("", alias="合计")
    largest: FactName = Field("", alias="最大")
    together: FactName = Field("", alias="连同本宗")


class SpatialFile(Entry):
    """rules/spatial.yaml 的结构。"""

    area: FactName = Field("", alias="面积")
    group: GroupEntry | None = Field(None, alias="连片")
    layers: Annotated[Mapping[str, LayerEntry], Among("事实")] = Field({}, alias="图层")


def read_spatial(rules: Path, vocabulary: Vocabulary) -> SpatialFile:
    """读 rules/spatial.yaml；没有的，图形不算事实。

    Raises:
        RulePackError: 写错键，或事实名不在词表。
    """
    path = rules / "spatial.yaml"
    if not path.is_file():
        return SpatialFile.model_validate({})
    problems = Problems()
    read = read_model(path, rules, SpatialFile, problems)
    if read is None:
        raise RulePackError(problems.found)
    file, source = read
    named = [file.area, *((file.group.condition, file.group.total) if file.group else ()), *file.layers]
    named += [name for layer in file.layers.values() for name in (layer.total, layer.largest, layer.together)]
    for name in filter(None, named):
        if name not in vocabulary:
            problems.add(source.label, f"“{name}”不在事实词表里", "改成词表里的名字")
    if problems.found:
        raise RulePackError(problems.found)
    return file


@dataclass(frozen=True)
class Shapes:
    """一批图形：plane 是同一个三度带里的平面图形（量距离用），square 是各在自己带里量的平方米。"""

    plane: Geometries
    square: Geometries
    zone: int
    repaired: tuple[int, ...]

    @property
    def mu(self) -> list[float]:
        """各自的亩数，四位小数。"""
        return [round(float(value) / _MU, 4) for value in self.square]


def zone_of(longitude: float) -> int:
    """经度所在的 CGCS2000 三度带（不带带号）的 EPSG 代码。

    >>> zone_of(113.1), zone_of(117.2)
    (4547, 4548)
    """
    return 4534 + round((min(max(longitude, 75.0), 135.0) - 75) / 3)


def projected(geometries: Geometries, crs: CRS, zone: int = 0) -> Shapes:
    """投到三度带；自相交的先修正。zone 给定时就用它（图层要与台账同带）。"""
    valid = shapely.is_valid(geometries)
    fixed = np.where(valid, geometries, shapely.make_valid(geometries))
    globe = _moved(fixed, crs, _GEOGRAPHIC)
    longitudes = shapely.get_x(shapely.centroid(globe))
    zones = np.array([zone_of(x) if np.isfinite(x) else 0 for x in longitudes], dtype=int)
    square = np.zeros(len(fixed))
    for code in np.unique(zones[zones > 0]):
        here = zones == code
        square[here] = shapely.area(_moved(globe[here], _GEOGRAPHIC, CRS.from_epsg(int(code))))
    chosen = zone or (int(np.bincount(zones).argmax()) if len(zones) else 4547) or 4547
    return Shapes(
        _moved(globe, _GEOGRAPHIC, CRS.from_epsg(chosen)), square, chosen, tuple(np.flatnonzero(~valid).tolist())
    )


def _moved(geometries: Geometries, source: CRS, target: CRS) -> Geometries:
    if source == target:
        return geometries
    transformer = Transformer.from_crs(source, target, always_xy=True)

    def move(points: Geometries) -> Geometries:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    moved: Geometries = shapely.transform(shapely.force_2d(geometries), move)
    return moved


def touching(left: Geometries, right: Geometries) -> tuple[Geometries, Geometries]:
    """相距不超过容差的各对：左边第几个、右边第几个。"""
    found: Geometries = shapely.STRtree(right).query(left, predicate="dwithin", distance=TOLERANCE)
    return found[0], found[1]


def connected(shapes: Shapes, chosen: Geometries) -> Geometries:
    """chosen 里相接的连成片，各片的亩数合计（不在 chosen 里的为空值）。"""
    places = np.flatnonzero(chosen)
    totals = np.full(len(chosen), np.nan)
    if not len(places):
        return totals
    plane = shapes.plane[places]
    left, right = touching(plane, plane)
    graph = coo_matrix((np.ones(len(left)), (left, right)), shape=(len(places), len(places)))
    count, label = connected_components(graph, directed=False)
    sums = np.bincount(label, weights=shapes.square[places], minlength=count) / _MU
    totals[places] = np.round(sums[label], 4)
    return totals


def related(shapes: Shapes, layer: Shapes, fact: str, entry: LayerEntry) -> tuple[Derived, tuple[int, ...]]:
    """与一个图层的关系得出的事实，以及定不下来的（一部分在内的）各宗。"""
    if entry.relation == "相邻":
        return _neighbours(shapes, layer, fact, entry), ()
    left, right = shapely.STRtree(layer.plane).query(shapes.plane, predicate="intersects")
    overlap = np.zeros(len(shapes.plane))
    for at in np.unique(left):
        parts = layer.plane[right[left == at]]
        overlap[at] = shapely.area(shapely.intersection(shapes.plane[at], shapely.union_all(parts)))
    if entry.relation == "重叠":
        return {fact: [bool(value > SLIVER) for value in overlap]}, ()
    own = shapely.area(shapes.plane)
    inside = [None if SLIVER < o < a - SLIVER else bool(o >= a - SLIVER) for o, a in zip(overlap, own, strict=True)]
    return {fact: list(inside)}, tuple(at for at, value in enumerate(inside) if value is None)


def _neighbours(shapes: Shapes, layer: Shapes, fact: str, entry: LayerEntry) -> Derived:
    left, right = touching(shapes.plane, layer.plane)
    pieces = layer.square[right] / _MU
    total = np.bincount(left, weights=pieces, minlength=len(shapes.plane))
    largest = np.zeros(len(shapes.plane))
    np.maximum.at(largest, left, pieces)
    found: Derived = {fact: [bool(value > 0) for value in total]}
    own = shapes.square / _MU
    for name, values in ((entry.total, total), (entry.largest, largest), (entry.together, own + total)):
        if name:
            found[name] = [round(float(v), 4) if t > 0 else None for v, t in zip(values, total, strict=True)]
    return found
