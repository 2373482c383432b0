"""带图形的台账：面积、连片、图层关系；表里填了的为准；Shapefile 编码；GeoPackage 与地图。"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

pl = pytest.importorskip("polars", reason="没有装 advisor[screen]")
pytest.importorskip("shapely", reason="没有装 advisor[geo]")
pytest.importorskip("pyogrio", reason="没有装 advisor[geo]")
geopandas = pytest.importorskip("geopandas", reason="没有装 geopandas，造不出试验图形")
import numpy as np  # noqa: E402
import shapely  # noqa: E402
from pyproj import CRS  # noqa: E402
from shapely.geometry import Polygon, box  # noqa: E402

from advisor.cli import run as command  # noqa: E402
from advisor.errors import InputError  # noqa: E402
from advisor.rulepack.model import RulePack  # noqa: E402
from advisor.screening.headers import read_headers  # noqa: E402
from advisor.screening.layers import open_layer  # noqa: E402
from advisor.screening.spatial import connected, projected, read_spatial, zone_of  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
DAY = ("--as-of", "2026-11-21")
EAST, NORTH = 500_000, 3_000_000
"""中央经线 114 度的三度带（EPSG:4547）里的一处，中央经线上长度不变形。"""


def square(x: float, y: float, side: float = 100.0) -> Polygon:
    return box(EAST + x, NORTH + y, EAST + x + side, NORTH + y + side)


def save(path: Path, shapes: list[Polygon], epsg: int = 4547, encoding: str = "utf-8", **columns: list[object]) -> Path:
    frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs=4547).to_crs(epsg)
    if path.suffix == ".shp":
        frame.to_file(path, encoding=encoding)
    else:
        frame.to_file(path)
    return path


def facts(
    pack: RulePack, path: Path, folder: Path, **layers: Path
) -> tuple[list[dict[str, object]], list[tuple[object, ...]]]:
    headers = read_headers(ROOT / "rules", pack.vocabulary)
    spatial = read_spatial(ROOT / "rules", pack.vocabulary)
    table = open_layer(path, folder, headers, {}, spatial, layers)
    return pl.read_parquet(table.path).to_dicts(), [tuple(note) for note in table.notes]


@pytest.mark.parametrize("epsg", [4547, 4490, 4326])
def test_a_hectare_is_fifteen_mu_in_any_crs(pack: RulePack, tmp_path: Path, epsg: int) -> None:
    """百米见方是一公顷、十五亩；平面坐标、经纬度存的都一样。"""
    path = save(tmp_path / "台账.gpkg", [square(0, 0)], epsg, 编号=["1"])
    rows, notes = facts(pack, path, tmp_path / "进度")
    assert rows[0]["地块面积"].endswith("亩")  # type: ignore[attr-defined]
    assert float(str(rows[0]["地块面积"]).removesuffix("亩")) == pytest.approx(15, abs=0.001)
    assert notes == []


def test_the_table_wins_and_conflicts_are_reported(pack: RulePack, tmp_path: Path) -> None:
    path = save(tmp_path / "台账.gpkg", [square(0, 0), square(500, 0), square(900, 0)], 编号=["1", "2", "3"],
                宗地面积=["15", "20", None])  # fmt: skip
    rows, notes = facts(pack, path, tmp_path / "进度")
    assert [row["宗地面积"] for row in rows] == ["15", "20", "15.0亩"]
    assert notes == [(2, "地块面积", "20 亩", "与图形得出的（15.0亩）对不上，以表为准")]


def test_contiguous_inefficient_land_is_summed_within_a_tenth_of_a_metre(pack: RulePack, tmp_path: Path) -> None:
    """隔五厘米的算连着，隔二十厘米的不算；不是低效用地的不算进去。"""
    shapes = [square(0, 0), square(100.05, 0), square(200.25, 0), square(0, 100)]
    path = save(tmp_path / "台账.gpkg", shapes, 编号=list("1234"), 认定低效=["是", "是", "是", "否"])
    rows, _ = facts(pack, path, tmp_path / "进度")
    assert [row["连片低效用地面积"] for row in rows] == ["30.0亩", "30.0亩", "15.0亩", None]


def test_layers_tell_overlap_containment_and_fragments(pack: RulePack, tmp_path: Path) -> None:
    """红线只碰一条边不算重叠；园区只盖一半的不定；零星地相接的合计、最大、连同本宗。"""
    path = save(tmp_path / "台账.gpkg", [square(0, 0), square(1000, 0), square(2000, 0)], 编号=list("123"))
    red = save(tmp_path / "红线.gpkg", [square(-100, 0), square(1050, 50)], 名=["甲", "乙"])
    park = save(tmp_path / "园区.gpkg", [square(-50, -50, 300), square(1050, -50, 300)], 名=["甲", "乙"])
    bits = save(
        tmp_path / "零星.gpkg", [square(100.05, 0, 10), square(0, 100, 20), square(2100.5, 0, 10)], 名=list("甲乙丙")
    )
    rows, notes = facts(pack, path, tmp_path / "进度", 涉永久基本农田或生态保护红线=red, 园区内=park, 毗邻零星地块=bits)
    assert [row["涉永久基本农田或生态保护红线"] for row in rows] == ["否", "是", "否"]
    assert [row["园区内"] for row in rows] == ["是", None, "否"]
    assert notes == [(2, "园区内", "", "只有一部分在图层内，待核实")]
    assert [row["毗邻零星地块"] for row in rows] == ["是", "否", "否"]
    assert (rows[0]["零星地块面积"], rows[0]["零星地块最大单宗面积"], rows[0]["项目总用地面积"]) == (
        "0.75亩",
        "0.6亩",
        "15.75亩",
    )
    assert rows[2]["零星地块面积"] is None


def test_self_crossing_shapes_are_repaired_and_said_so(pack: RulePack, tmp_path: Path) -> None:
    bow = Polygon([(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)])
    rows, notes = facts(pack, save(tmp_path / "台账.gpkg", [bow], 编号=["1"]), tmp_path / "进度")
    assert rows[0]["地块面积"] == "7.5亩"
    assert notes == [(1, "", "", "图形自相交，修正后再量的")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_shapefiles_with_chinese_fields_even_without_a_cpg(pack: RulePack, tmp_path: Path, encoding: str) -> None:
    folder = tmp_path / "图"
    folder.mkdir()
    save(folder / "地块.shp", [square(0, 0)], encoding=encoding, 编号=["1"], 省=["湖南省"])
    (folder / "地块.cpg").unlink()
    rows, _ = facts(pack, folder / "地块.shp", tmp_path / "进度")
    assert rows[0]["省"] == "湖南省"
    packed = tmp_path / "地块.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, part.name)
    rows, _ = facts(pack, packed, tmp_path / "进度")
    assert rows[0]["省"] == "湖南省"


def test_problems_are_told_in_plain_words(pack: RulePack, tmp_path: Path) -> None:
    bare = tmp_path / "无坐标.gpkg"
    geopandas.GeoDataFrame({"编号": ["1"]}, geometry=[square(0, 0)]).to_file(bare)
    with pytest.raises(InputError, match="没有坐标系"):
        facts(pack, bare, tmp_path / "进度")
    broken = tmp_path / "坏.gpkg"
    broken.write_bytes(b"no")
    with pytest.raises(InputError, match="打不开"):
        facts(pack, broken, tmp_path / "进度")
    good = save(tmp_path / "台账.gpkg", [square(0, 0)], 编号=["1"])
    with pytest.raises(InputError, match="不能由图层得出"):
        facts(pack, good, tmp_path / "进度", 已抵押=good)


def test_adjacency_agrees_with_pairwise_distance() -> None:
    """随机小块：连片的合计与逐对量距离得出的一样。"""
    rng = np.random.default_rng(1)
    shapes = np.array([square(x, y, 10) for x, y in rng.integers(0, 25, (40, 2)) * 10.05])
    found = connected(projected(shapes, CRS.from_epsg(4547)), np.ones(40, dtype=bool))
    groups = [{at} for at in range(40)]
    for left in range(40):
        for right in range(left):
            if shapely.distance(shapes[left], shapes[right]) <= 0.1 and groups[left] is not groups[right]:
                groups[left] |= groups[right]
                for member in groups[left]:
                    groups[member] = groups[left]
    expected = [sum(shapes[member].area for member in groups[at]) * 15 / 10_000 for at in range(40)]
    assert found == pytest.approx(expected, rel=1e-3)


def test_zones_follow_the_central_meridian() -> None:
    """113 度在 114 度带（4547），117 度在 117 度带（4548）。"""
    assert [CRS.from_epsg(zone_of(x)).name for x in (113.0, 117.2, 108.0)] == [
        f"CGCS2000 / 3-degree Gauss-Kruger CM {m}E" for m in (114, 117, 108)
    ]


def test_the_command_returns_a_geopackage_and_a_map(tmp_path: Path) -> None:
    path = save(tmp_path / "台账.gpkg", [square(0, 0), square(200, 0)], 编号=["甲<1>", "乙"], 省=["湖南", None])
    out = tmp_path / "结果"
    assert (
        command(["screen", str(path), "--out", str(out), "--format", "gpkg", "--format", "html", "--no-plans", *DAY])
        == 0
    )
    back = geopandas.read_file(out / "结果.gpkg")
    assert back["编号"].tolist() == ["甲<1>", "乙"]
    assert back.geometry.area.tolist() == pytest.approx([10_000, 10_000], rel=1e-4)
    assert set(back["判定·分割收储"]) <= {"适用", "待核实", "不具备条件", "无此情形"}
    page = (out / "结果.html").read_text("utf-8")
    assert page.count("<path ") == 2 and "甲&lt;1&gt;" in page
    table = tmp_path / "表.csv"
    table.write_text("编号,省\n1,湖南\n", "utf-8")
    assert command(["screen", str(table), "--out", str(out), "--layer", f"园区内={path}", *DAY]) == 2
    assert command(["screen", str(table), "--out", str(out), "--format", "gpkg", "--no-plans", *DAY]) == 2
