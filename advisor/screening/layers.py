"""带图形的台账：读 GeoPackage、GeoJSON、Shapefile（含 zip），把图形算出的事实补进表里；结果写成 GeoPackage 与地图。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyogrio
import shapely
from pyproj import CRS

from advisor.errors import InputError
from advisor.screening.cells import Cells
from advisor.screening.decoding import text_columns
from advisor.screening.frames import from_column
from advisor.screening.grading import GRADE, POINTS
from advisor.screening.guarding import check_archive
from advisor.screening.headers import Headers
from advisor.screening.running import PLAN, SURE, Job, results
from advisor.screening.spatial import Derived, SpatialFile, connected, projected, related
from advisor.screening.tables import ROW, Table
from advisor.vocabulary import Fact, Kind

SHAPES = "图形.parquet"
_WKB = "图形"
_PALETTE = ("#2f6f9f", "#c98a1b", "#2e7d4f", "#a8483f", "#7a5aa6", "#4aa3a2", "#b0679b", "#7b8c3a")
_OTHER = "#a7b0b8"
_CLOSE = 0.01
"""表里的数与图形量得的相差不到百分之一，算对得上。"""


def open_layer(
    path: Path, folder: Path, headers: Headers, chosen: Mapping[str, str], spatial: SpatialFile,
    layers: Mapping[str, Path], encoding: str = "",
) -> Table:  # fmt: skip
    """打开带图形的台账，补上图形算出的事实。

    Raises:
        InputError: 打不开、没有坐标系、没有图形、图层的事实名不在 rules/spatial.yaml。
    """
    for fact in layers:
        if fact not in spatial.layers:
            allowed = "、".join(spatial.layers)
            raise InputError("--layer", f"“{fact}”不能由图层得出", allowed=allowed, fix="写成 事实名=图层文件")
    frame, geometries, crs = _read(path, headers, encoding)
    folder.mkdir(parents=True, exist_ok=True)
    shapes = projected(geometries, crs)
    matched = headers.match(frame.columns, chosen)
    cells = Cells(headers)
    titles = {column.target: column for column in matched.columns}
    notes: list[tuple[int, str, str, str]] = [(at + 1, "", "", "图形自相交，修正后再量的") for at in shapes.repaired]

    def told(name: str) -> list[Any]:
        """表里某个事实各宗的值。"""
        if name not in titles:
            return [None] * frame.height
        fact, column = headers.vocabulary[name], titles[name]
        kind: Any = {Kind.BOOL: pl.Boolean(), Kind.NUMBER: pl.Int64()}.get(fact.kind, pl.String())
        read = cells.read(frame[column.header], fact, column, kind)
        return [None if value is None else from_column(fact, value) for value in read.values.to_list()]

    derived: Derived = {spatial.area: list(shapes.mu)} if spatial.area else {}
    for fact, file in layers.items():
        _, others, other = _read(file, headers, encoding)
        found, unsure = related(shapes, projected(others, other, shapes.zone), fact, spatial.layers[fact])
        derived |= found
        notes += [(at + 1, fact, "", "只有一部分在图层内，待核实") for at in unsure]
    if spatial.group is not None:
        chosen_rows = np.array([value is True for value in told(spatial.group.condition)])
        total = connected(shapes, chosen_rows)
        derived[spatial.group.total] = [None if np.isnan(value) else float(value) for value in total]
    for name, values in derived.items():
        fact_ = headers.vocabulary[name]
        notes += _conflicts(fact_, told(name), values)
        header = titles[name].header if name in titles else name
        shown = pl.Series(header, [_cell(fact_, value) for value in values], dtype=pl.String)
        if header in frame.columns:
            shown = frame.select(pl.coalesce(_blank_as_null(frame[header]), shown)).to_series()
        frame = frame.with_columns(shown.alias(header))
    target = folder / "台账.parquet"
    frame.with_row_index(ROW, offset=1).write_parquet(target, row_group_size=100_000)
    wkb = pl.Series(_WKB, shapely.to_wkb(shapes.plane).tolist(), dtype=pl.Binary)
    pl.DataFrame({ROW: pl.Series(range(1, frame.height + 1), dtype=pl.UInt32), _WKB: wkb}).with_columns(
        pl.lit(shapes.zone).alias("带")
    ).write_parquet(folder / SHAPES)
    return Table(target, tuple(frame.columns), frame.height, True, {}, tuple(notes))


def _read(path: Path, headers: Headers, encoding: str) -> tuple[pl.DataFrame, Any, CRS]:
    if not path.is_file():
        raise InputError(str(path), "没有这个文件", fix="核对路径与文件名")
    check_archive(path)
    tried = [encoding] if encoding else ["UTF-8", "GB18030"] if path.suffix.lower() in (".shp", ".zip") else [""]
    best: tuple[int, pl.DataFrame, Any, Any] | None = None
    for code in tried:
        try:
            meta, table = pyogrio.read_arrow(path, **({"encoding": code} if code else {}))
        except UnicodeDecodeError:
            continue
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
            raise InputError(str(path), "图形文件打不开", allowed="GeoPackage、GeoJSON、Shapefile（可压成 zip）",
                             fix="用地理信息软件另存一份 GeoPackage") from None  # fmt: skip
        name = meta["geometry_name"] or "wkb_geometry"
        if name not in table.column_names:
            raise InputError(str(path), "里面没有图形", fix="核对图层")
        known = sum(bool(headers.target(title)) for title in table.column_names)
        if best is None or known > best[0]:
            frame = pl.DataFrame(pl.from_arrow(table.drop_columns([name])))
            best = (known, frame, shapely.from_wkb(table.column(name).to_pylist()), meta["crs"])
    if best is None:
        raise InputError(str(path), "属性表的文字编码不认识", allowed="UTF-8、GB18030", fix="用 --encoding 指明")
    if not best[3]:
        raise InputError(str(path), "没有坐标系（缺 .prj）", fix="在地理信息软件里定义坐标系后另存")
    return best[1], best[2], CRS.from_user_input(best[3])


def _conflicts(fact: Fact, told: Sequence[Any], values: Sequence[Any]) -> list[tuple[int, str, str, str]]:
    found: list[tuple[int, str, str, str]] = []
    for at, (mine, measured) in enumerate(zip(told, values, strict=True)):
        if mine is None or measured is None:
            continue
        if fact.kind is Kind.NUMBER:
            differs = abs(float(mine) - measured) > _CLOSE * max(abs(float(mine)), abs(measured))
        else:
            differs = mine is not measured
        if differs:
            shown = _cell(fact, measured)
            found.append((at + 1, fact.name, fact.show(mine), f"与图形得出的（{shown}）对不上，以表为准"))
    return found


def _cell(fact: Fact, value: Any) -> str | None:
    if value is None:
        return None
    return ("是" if value else "否") if isinstance(value, bool) else f"{value}{fact.unit}"


def _blank_as_null(cells: pl.Series) -> pl.Series:
    return cells.cast(pl.String, strict=False).replace("", None)


def write_gpkg(job: Job, path: Path) -> None:
    """结果写成 GeoPackage：图形加主推方案、适用与待核实的工具、症结、各工具判定。

    Raises:
        InputError: 台账没有图形。
    """
    path.unlink(missing_ok=True)
    for at, frame in enumerate(_with_shapes(job)):
        table = frame.to_arrow()
        pyogrio.write_arrow(
            table, path, driver="GPKG", layer="一地一策", geometry_name=_WKB, geometry_type="Unknown",
            crs=f"EPSG:{frame['带'][0]}", append=at > 0,
        )  # fmt: skip


def _with_shapes(job: Job) -> Any:
    if not job.drawn:
        raise InputError(
            "--format gpkg", "台账没有图形，写不了 GeoPackage", fix="台账用 GeoPackage、GeoJSON 或 Shapefile"
        )
    drawn = pl.read_parquet(job.folder / SHAPES)
    pack = job.advisor.pack
    for part in results(job):
        kept = [name for name in (ROW, "编号", "名称", GRADE, POINTS, PLAN, SURE) if name in part.columns]
        verdicts = [pl.col(name).cast(pl.String) for name in part.columns if name.startswith("判定·")]
        frame = pl.concat([part.select(*kept, *verdicts), text_columns(part, pack)], how="horizontal")
        yield frame.join(drawn, on=ROW, how="left", maintain_order="left")


def drawing(job: Job, most: int = 4000, width: int = 1100) -> str:
    """地图的 SVG 与图例，台账要带图形。只画面积最大的若干宗，颜色按主推方案，没算方案的按有没有适用的办法。"""
    parts = list(_with_shapes(job))
    frame = pl.concat(parts)
    shapes = shapely.from_wkb(frame[_WKB].to_list())
    order = np.argsort(-shapely.area(shapes))[:most]
    left, bottom, right, top = shapely.total_bounds(shapes)
    scale = (width - 20) / max(right - left, top - bottom, 1.0)
    height = (top - bottom) * scale + 20
    simple = shapely.simplify(shapes[order], 0.5 / scale)
    pieces: list[str] = []
    kinds, colours = _kinds(frame)
    for at, shape in zip(order.tolist(), simple, strict=True):
        row = frame.row(at, named=True)
        colour = colours[kinds[at]]
        title = _escaped(f"{row['编号']} {row['名称']} {row.get(PLAN) or row['适用工具'] or '待核实'}")
        paths = "".join(_path(part, left, top, scale) for part in shapely.get_parts(shape))
        pieces.append(
            f'<path d="{paths}" fill="{colour}" fill-opacity=".6" stroke="#33414e"><title>{title}</title></path>'
        )
    counts = Counter(kinds)
    legend = "".join(
        f'<span class="key"><i style="background:{colour}"></i>{_escaped(kind)} {counts[kind]}</span>'
        for kind, colour in colours.items()
        if counts[kind]
    )
    note = legend + (f"只画面积最大的 {most} 宗。" if len(shapes) > most else "")
    body = "".join(pieces)
    return (
        f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="地块图">{body}</svg><p class="note">{note}</p>'
    )


def _kinds(frame: pl.DataFrame) -> tuple[list[str], dict[str, str]]:
    """各宗归在图例的哪一类，各类的颜色；宗数最多的几种方案各一色，其余合作一类。"""
    if PLAN not in frame.columns:
        kinds = [
            "适用" if sure else "待核实" if open_ else "暂无" for sure, open_ in frame["适用工具", "待核实工具"].rows()
        ]
        return kinds, {"适用": _PALETTE[0], "待核实": _PALETTE[1], "暂无": _OTHER}
    top = [title for title, _ in Counter(frame[PLAN]).most_common(len(_PALETTE))]
    kinds = [title if title in top else "其他方案" for title in frame[PLAN]]
    return kinds, {**dict(zip(top, _PALETTE, strict=False)), "其他方案": _OTHER}


def _path(part: Any, left: float, top: float, scale: float) -> str:
    if shapely.get_type_id(part) != 3:
        return ""
    rings = [part.exterior, *part.interiors]
    return "".join(
        "M" + "L".join(f"{(x - left) * scale + 10:.1f},{(top - y) * scale + 10:.1f}" for x, y in ring.coords) + "Z"
        for ring in rings
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
