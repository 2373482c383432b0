"""读台账：不论什么格式，先变成一份 Parquet（格子照原样、带行号），再一片一片地读，内存不随行数涨。"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from advisor.errors import InputError
from advisor.screening.guarding import check_archive
from advisor.screening.headers import Headers

ROW = "行"
SHEETS, TEXTS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), (".csv", ".txt", ".tsv")
PARQUET = (".parquet", ".pq")
READABLE = "xlsx、xls、csv（UTF-8 或 GB18030）、parquet、GeoPackage、GeoJSON、Shapefile（含 zip）"
_LOOK = 12
"""表头在前几行里找。"""
_BLOCK = 8 * 2**20


@dataclass(frozen=True)
class Table:
    """读得动的台账：path 是 Parquet，titles 是表头，rows 是地块行数，skipped 是没当地块的行（行号 → 为什么），
    notes 是读图形时记下的问题（行号、列、值、问题）。"""

    path: Path
    titles: tuple[str, ...]
    rows: int
    numbered: bool
    skipped: Mapping[int, str]
    notes: tuple[tuple[int, str, str, str], ...] = ()

    def part(self, start: int, length: int, titles: Sequence[str]) -> pl.DataFrame:
        """第 start 行起的一片：行号与所要的列。"""
        frame = pl.scan_parquet(self.path).slice(start, length)
        if self.numbered:
            return frame.select(ROW, *titles).collect()
        numbered = pl.int_range(start + 1, start + 1 + pl.len(), dtype=pl.UInt32).alias(ROW)
        return frame.select(numbered, *titles).collect()


def open_table(path: Path, folder: Path, headers: Headers, chosen: Mapping[str, str], sheet: str = "") -> Table:
    """打开台账；要转存的转存到 folder。

    Raises:
        InputError: 没有这个文件、格式不认识、编码不认识、找不到表头、疑为压缩炸弹。
    """
    if not path.is_file():
        raise InputError(str(path), "没有这个文件", fix="核对路径与文件名")
    suffix = path.suffix.lower()
    check_archive(path)
    if suffix in PARQUET:
        return _parquet(path)
    folder.mkdir(parents=True, exist_ok=True)
    if suffix in SHEETS:
        return _stage(_workbook(path, sheet).lazy(), folder, headers, chosen, path)
    if suffix in TEXTS:
        return _stage(_text(path, folder), folder, headers, chosen, path)
    raise InputError(str(path), f"不认识的格式“{suffix or '没有扩展名'}”", allowed=READABLE, fix="另存为其中一种")


def sheet_names(path: Path) -> list[str]:
    """工作簿里的表名。"""
    import fastexcel

    return list(fastexcel.read_excel(path).sheet_names)


def _parquet(path: Path) -> Table:
    try:
        frame = pl.scan_parquet(path)
        titles = tuple(frame.collect_schema().names())
        rows = int(frame.select(pl.len()).collect().item())
    except pl.exceptions.PolarsError:
        raise InputError(str(path), "不是完好的 Parquet 文件", fix="重新导出一份") from None
    return Table(path, titles, rows, False, {})


def _workbook(path: Path, sheet: str) -> pl.DataFrame:
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        if sheet and sheet not in book.sheet_names:
            raise InputError("--sheet", f"没有“{sheet}”这张表", allowed="、".join(book.sheet_names), fix="从中选一个")
        loaded = book.load_sheet(sheet or 0, header_row=None, dtypes="string")
        return loaded.to_polars()
    except fastexcel.FastExcelError:
        raise InputError(str(path), "工作簿打不开，可能加了密码或已损坏", fix="去掉密码、另存一份再试") from None


def _text(path: Path, folder: Path) -> pl.LazyFrame:
    encoding = detect_encoding(path)
    source = path if encoding == "utf-8" else _recoded(path, folder / "台账.utf8.csv", encoding)
    with source.open("rb") as stream:
        head = stream.read(64 * 1024).decode("utf-8-sig", errors="ignore")
    if not head.strip():
        raise InputError(str(path), "文件是空的", fix="核对是不是导出时出了错")
    separator = "\t" if head.count("\t") > head.count(",") else ";" if head.count(";") > head.count(",") else ","
    width = max(len(row) for row in csv.reader(head.splitlines()[: _LOOK * 4], delimiter=separator))
    return pl.scan_csv(
        source, has_header=False, separator=separator, truncate_ragged_lines=True, encoding="utf8-lossy",
        schema={f"column_{at + 1}": pl.String for at in range(width)},
    )  # fmt: skip


def detect_encoding(path: Path) -> str:
    """UTF-8 还是 GB18030：整份试读一遍。

    Raises:
        InputError: 两样都不是。
    """
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for block in _blocks(path):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise InputError(str(path), "文字编码不认识", allowed="UTF-8、GB18030（GBK）", fix="用表格软件另存为 CSV UTF-8")


def _recoded(path: Path, target: Path, encoding: str) -> Path:
    decoder = codecs.getincrementaldecoder(encoding)()
    with target.open("w", encoding="utf-8", newline="") as stream:
        for block in _blocks(path):
            stream.write(decoder.decode(block))
        stream.write(decoder.decode(b"", final=True))
    return target


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _stage(frame: pl.LazyFrame, folder: Path, headers: Headers, chosen: Mapping[str, str], path: Path) -> Table:
    """认出表头，去掉空行与合计行，带上原来的行号存成 Parquet。"""
    top = [[_shown(cell) for cell in row] for row in frame.head(_LOOK).collect().iter_rows()]
    at, titles = _header(top, headers, chosen, path)
    columns = frame.collect_schema().names()
    renamed = dict(zip(columns, titles, strict=True))
    cells = [pl.col(name).str.strip_chars().replace("", None) for name in columns]
    body = frame.with_row_index(ROW, offset=1).slice(at + 1).with_columns(cells).rename(renamed)
    body = body.filter(pl.any_horizontal(pl.col(title).is_not_null() for title in titles))
    total = pl.coalesce(titles).str.replace_all(r"\s", "").is_in(list(headers.file.totals)).fill_null(False)
    skipped = body.filter(total).select(ROW).collect()[ROW].to_list()
    target = folder / "台账.parquet"
    body.filter(~total).sink_parquet(target, row_group_size=100_000)
    rows = int(pl.scan_parquet(target).select(pl.len()).collect().item())
    used = tuple(title for title in titles if not title.startswith("\0"))
    return Table(target, used, rows, True, dict.fromkeys(skipped, "合计行，没有当地块"))


def _header(top: list[list[str]], headers: Headers, chosen: Mapping[str, str], path: Path) -> tuple[int, list[str]]:
    """表头在哪一行：认得的列最多的一行；合并单元格留下的空，用上一行的补。"""
    best, found, titles = 0, -1, list[str]()
    for at in range(len(top)):
        filled = [cell or (top[at - 1][j] if at else "") for j, cell in enumerate(top[at])]
        score = sum(bool(cell) and (cell in chosen or bool(headers.target(cell))) for cell in filled)
        if score > best:
            best, found, titles = score, at, filled
    if found < 0:
        seen = "、".join(cell for row in top[:2] for cell in row if cell)[:80]
        raise InputError(
            str(path), f"前 {_LOOK} 行里找不到认得的表头（看到的是：{seen or '空白'}）",
            fix="用 advisor screen --template 模板.xlsx 取一份空白台账对照，或用 --suggest-mapping 生成表头对照表",
        )  # fmt: skip
    return found, _distinct(titles)


def _distinct(titles: list[str]) -> list[str]:
    """重名的表头加序号；没有表头的列给个不会用到的名字。"""
    seen: dict[str, int] = {}
    result: list[str] = []
    for at, title in enumerate(titles):
        seen[title] = seen.get(title, 0) + 1
        result.append(f"\0{at}" if not title else title if seen[title] == 1 else f"{title}（{seen[title]}）")
    return result


def _shown(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
