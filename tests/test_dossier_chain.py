"""案卷日志：重放等于直接记的字典；库里任一行被动过都查得出，并指到第几条。"""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from advisor.dossier.record import Change, Kept, overrides
from advisor.dossier.store import Store

TABLES = ("dossier", "dossier_entry", "dossier_assessment")
KEYS = {"dossier": "number", "dossier_entry": "seq", "dossier_assessment": "no"}


def sample_kept(facts: dict[str, str], result: str = '{"parcels": []}') -> Kept:
    return Kept(0, "某地", "2026-11-21", "", "0.1.0", "0.1.0", "a" * 64, "b" * 64, facts, result)


def fill(path: Path) -> None:
    """两卷，各种日志都有。"""
    with Store(str(path), create=True) as store:
        for name in ("东地块", "西地块"):
            number = store.create(name, "张三", remark="接收材料")
            version = store.answer(
                number, [Change("已抵押", "是", "登记簿"), Change("面积", "228"), Change("面积", "不清楚")], "李四", 1
            )
            store.keep(number, sample_kept({"已抵押": "是", "名": name}), "李四", version)
            version = store.override(number, "甲工具", "待核实", "适用", "会商", "王五", version + 1)
            store.answer(number, [Change("已抵押", None, "", "记错了")], "张三", version)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("链") / "案卷库.db"
    fill(path)
    return path


def problems(path: Path) -> list[str]:
    with Store(str(path)) as store:
        return [f"{number}：{fault}" for number in store.numbers() for fault in store.verify(number)]


facts = st.sampled_from(["甲", "乙", "丙"])
values = st.one_of(st.none(), st.sampled_from(["是", "否", "不清楚", "3.43", "1/3"]))
batches = st.lists(st.lists(st.tuples(facts, values), min_size=1, max_size=4), max_size=8)


@given(
    batches=batches, judged=st.lists(st.tuples(st.sampled_from(["工具一", "工具二"]), st.sampled_from(["适用", None])))
)
@settings(max_examples=40, deadline=None)
def test_replaying_the_log_equals_writing_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[tuple[str, str | None]]],
    judged: list[tuple[str, str | None]],
) -> None:
    plain: dict[str, str] = {}
    standing: dict[str, str] = {}
    with Store(str(tmp_path_factory.getbasetemp() / "重放.db"), create=True) as store:
        number, version = store.create("某地", "张三"), 1
        for batch in batches:
            version = store.answer(number, [Change(fact, value) for fact, value in batch], "张三", version)
            for fact, value in batch:
                plain[fact] = value if value is not None else plain.get(fact, "")
                if value is None:
                    del plain[fact]
        for tool, verdict in judged:
            version = store.override(number, tool, verdict, "待核实", "会商", "李四", version)
            standing.pop(tool, None) if verdict is None else standing.__setitem__(tool, verdict)
        dossier = store.read(number)
        assert dossier.answers == plain
        assert list(dossier.answers) == list(plain)
        assert {item.tool: item.verdict for item in overrides(dossier)} == standing
        assert dossier.version == version == 1 + sum(map(len, batches)) + len(judged)
        assert store.verify(number) == []


def test_untouched_store_has_no_fault(filled: Path) -> None:
    assert problems(filled) == []


def _other(value: Any, data: st.DataObject, nullable: bool) -> Any:
    """一个不同的值，类型不变。"""
    if isinstance(value, int):
        return value + data.draw(st.integers(-3, 3).filter(bool))
    if isinstance(value, bytes):
        if data.draw(st.booleans()):
            return zlib.compress(zlib.decompress(value) + b" ")
        index = data.draw(st.integers(0, len(value) - 1))
        changed = value[:index] + bytes([value[index] ^ data.draw(st.integers(1, 255))]) + value[index + 1 :]
        with suppress(zlib.error):
            assume(zlib.decompress(changed) != zlib.decompress(value))  # 压缩里的填充位改了，内容没改
        return changed
    if value is None:
        return data.draw(st.text("是否甲乙", min_size=1, max_size=3))
    choices = [value + "甲", value[:-1], value.replace("1", "2"), *([None] if nullable else [])]
    return data.draw(st.sampled_from([item for item in choices if item != value]))


def _content(connection: sqlite3.Connection) -> list[list[str]]:
    """库里的全部内容，不管行的先后。"""
    return [sorted(map(repr, connection.execute(f"SELECT * FROM {table}"))) for table in TABLES]


def _tamper(connection: sqlite3.Connection, data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(TABLES))
    columns = {row[1]: not row[3] for row in connection.execute(f"PRAGMA table_info({table})")}
    rows = connection.execute(f"SELECT rowid, * FROM {table}").fetchall()
    row = data.draw(st.sampled_from(rows))
    content = dict(zip(columns, row[1:], strict=True))
    how = data.draw(st.sampled_from(["改", "删", "插", "换"]))
    if how == "改":
        column = data.draw(st.sampled_from(list(columns)))
        value = _other(content[column], data, columns[column])
        connection.execute(f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?", (value, row[0]))
    elif how == "删":
        connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row[0],))
    elif how == "插":
        key = KEYS[table]
        content[key] = f"{content[key]}插" if table == "dossier" else 1 + max(r[2] for r in rows)
        marks = ", ".join("?" * len(content))
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", tuple(content.values()))
    else:
        other = data.draw(st.sampled_from(rows))
        column = data.draw(st.sampled_from(list(columns)))
        index = 1 + list(columns).index(column)
        assume(row[index] != other[index])
        key = column in ("dossier", KEYS[table])
        if key:  # 主键互换要绕开唯一约束
            spare = "暂" if isinstance(row[index], str) else -1
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (spare, row[0]))
        try:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (row[index], other[0]))
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (other[index], row[0]))
        except sqlite3.IntegrityError:
            assume(False)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_row_touched_is_caught(filled: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    copy = tmp_path_factory.getbasetemp() / "被动过.db"
    shutil.copy(filled, copy)
    with closing(sqlite3.connect(copy)) as connection:
        before = _content(connection)
        _tamper(connection, data)
        connection.commit()
        assume(_content(connection) != before)  # 两行内容相同的互换，等于没动
    assert problems(copy) != []


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE dossier_entry SET new = '否' WHERE seq = 2"], ["第 2 条的内容与散列不符：被改过（答案“已抵押”）"]),
        (
            ["UPDATE dossier_entry SET digest = replace(digest, '0', '1') WHERE seq = 3"],
            ["第 3 条的内容与散列不符：被改过（答案“面积”）"],
        ),
        (["DELETE FROM dossier_entry WHERE seq = 3"], ["第 3 条不见了：被删"]),
        (["DELETE FROM dossier_entry WHERE seq = 7"], ["第 7 条不见了：被删"]),
        (
            [
                "UPDATE dossier_entry SET seq = 99 WHERE seq = 2",
                "UPDATE dossier_entry SET seq = 2 WHERE seq = 3",
                "UPDATE dossier_entry SET seq = 3 WHERE seq = 99",
            ],
            ["第 2 条原是第 3 条：次序被换", "第 3 条原是第 2 条：次序被换"],
        ),
        (
            [
                "INSERT INTO dossier_entry SELECT dossier, 8, kind, who, at, subject, old, new, source, remark,"
                " previous, digest FROM dossier_entry WHERE seq = 7"
            ],
            ["第 8 条是多出来的：案卷登记只有 7 条", "第 8 条原是第 7 条：次序被换"],
        ),
        (["DELETE FROM dossier_assessment"], ["第 5 条记的第 1 次评估，留存不见了：被删"]),
        (
            ['UPDATE dossier_assessment SET facts = \'{"已抵押": "否"}\''],
            ["第 5 条记的第 1 次评估，留存与散列不符：被改过"],
        ),
        (["UPDATE dossier SET head = ''"], ["案卷登记的末条散列与日志不符"]),
        (["DELETE FROM dossier"], ["案卷的登记不见了，只剩日志或留存：被删"]),
    ],
)
def test_verify_says_which_entry_and_how(filled: Path, tmp_path: Path, statements: list[str], said: list[str]) -> None:
    copy = tmp_path / "被动过.db"
    shutil.copy(filled, copy)
    number = "2026-0001"
    with closing(sqlite3.connect(copy)) as connection:
        number = str(connection.execute("SELECT min(number) FROM dossier").fetchone()[0])
        for table in TABLES:  # 只留一卷，免得两卷一起动
            connection.execute(
                f"DELETE FROM {table} WHERE {'number' if table == 'dossier' else 'dossier'} <> ?", (number,)
            )
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    assert problems(copy) == [f"{number}：{line}" for line in said]
