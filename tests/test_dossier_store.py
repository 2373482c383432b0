"""案卷库：冲突、并发、随时杀、磁盘满、只读、迁移；SQLite 与 PostgreSQL 跑同样的测试。"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import advisor.accounts.schema  # noqa: F401  账号的表与案卷的表同在一份 metadata
from advisor.dossier import opening, schema
from advisor.dossier.record import Change
from advisor.dossier.store import Store
from advisor.errors import ConflictError, InputError
from tests.test_dossier_chain import sample_kept

ROOT = Path(__file__).resolve().parent.parent


def experiment(*arguments: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.dossier_processes", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, int] = json.loads(done.stdout)
    return result


def test_two_people_on_one_dossier_conflict_in_plain_words(target: str) -> None:
    moments = iter(f"2026-11-22T08:00:{second:02d}Z" for second in range(10))
    with Store(target, create=True, now=lambda: next(moments)) as first, Store(target) as second:
        number = first.create("某地", "张三")
        seen = second.read(number).version
        first.answer(number, [Change("已抵押", "是", "登记簿")], "张三", seen)
        with pytest.raises(ConflictError) as caught:
            second.answer(number, [Change("已抵押", "否"), Change("面积", "3")], "李四", seen)
        assert str(caught.value) == (
            f"案卷“{number}”：您看到的是第 1 条，之后别人又写了 1 条：张三（2026-11-22T08:00:01Z）答“已抵押”：没有 → 是。"
            f"您这次的没有写入。下一步：advisor dossier show {number} 看过之后，再决定要不要写。"
        )
        assert first.read(number).answers == {"已抵押": "是"}
        with pytest.raises(ConflictError, match="只有 2 条，您看到的却是第 9 条"):
            first.answer(number, [], "张三", 9)


def test_a_batch_is_all_or_nothing(target: str) -> None:
    with Store(target, create=True) as store:
        number = store.create("某地", "张三")
        with pytest.raises(InputError, match="控制字符"):
            store.answer(number, [Change("甲", "是"), Change("乙", "坏\x00字")], "张三", 1)
        assert store.read(number).answers == {}
        assert store.verify(number) == []


def test_numbers_are_given_by_year_and_never_twice(target: str) -> None:
    with Store(target, create=True, now=lambda: "2026-11-22T08:00:00Z") as store:
        assert [store.create(name, "张三") for name in "甲乙"] == ["2026-0001", "2026-0002"]
        assert store.create("丙", "张三", "望城-7") == "望城-7"
        with pytest.raises(InputError, match="编号“2026-0002”已有一卷"):
            store.create("丁", "张三", "2026-0002")
        assert store.create("戊", "张三") == "2026-0003"
        assert [item.name for item in store.listing()] == ["甲", "乙", "戊", "丙"]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda store: store.create("某地", " "), "没有写是谁"),
        (lambda store: store.create("", "张三"), "地块名：是空的"),
        (lambda store: store.create("某" * 201, "张三"), "地块名：有 201 个字，太长"),
        (lambda store: store.create("某\ud800地", "张三"), "残缺的字"),
        (lambda store: store.read("没有"), "没有编号“没有”的案卷"),
        (lambda store: store.verify("没有"), "没有编号“没有”的案卷"),
        (lambda store: store.override("某", "甲工具", "适用", "待核实", " ", "张三", 1), "改判没有写理由"),
    ],
)
def test_wrong_input_is_refused(tmp_path: Path, action: object, said: str) -> None:
    with Store(str(tmp_path / "库.db"), create=True) as store, pytest.raises(InputError, match=said):
        action(store)  # type: ignore[operator]


def test_sixteen_processes_lose_nothing(target: str) -> None:
    """十六个进程同时建库、各写一卷、又同写一卷，每个 6 条：一条不少，链都通。"""
    assert experiment("write", target, "16", "6") == {
        "failed": 0, "dossiers": 17, "bad": 0, "own": 16 * 6, "shared": 16 * 6,
    }  # fmt: skip


def test_killed_at_two_hundred_moments_loses_nothing_committed(tmp_path: Path) -> None:
    """报过已提交的全在；没来得及报的至多一条；链都通。"""
    result = experiment("kill", str(tmp_path), "200")
    assert (result["rounds"], result["lost"], result["bad"]) == (200, 0, 0)
    assert result["extra"] <= 1
    assert result["confirmed"] >= 200  # 真的写到过
    assert result["before_first"] >= 1  # 也杀在建库的半路上过


_FULL = """
import resource, sys
from pathlib import Path
from advisor.dossier.record import Change
from advisor.dossier.store import Store
from advisor.errors import InputError
path, saved = sys.argv[1], 0
with Store(path, create=True) as store:
    number, version = store.create("某地", "张三"), 1
    version = store.answer(number, [Change("已抵押", "是")], "张三", version)
    limit = Path(path).stat().st_size + 40_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        while True:
            version = store.answer(number, [Change("备忘", "字" * 1500)], "张三", version)
    except InputError as problem:
        print(version, problem)
"""


def test_full_disk_says_so_and_keeps_what_was_saved(tmp_path: Path) -> None:
    """文件大小限额代替写满的磁盘：写不下时说清，以前存的一条不少。"""
    path = tmp_path / "库.db"
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    version, said = done.stdout.split(" ", 1)
    assert said.strip() == (
        f"{path}：写不进去（磁盘满，或读写出错），这次没有存，以前存的都在。下一步：腾出磁盘空间后再试一次。"
    )
    with Store(str(path)) as store:
        number = store.numbers()[0]
        assert store.read(number).version == int(version) > 2
        assert store.verify(number) == []


_READ_ONLY = """
import os, sys
import alembic.script
from advisor.dossier.record import Change
from advisor.dossier.store import Store
from advisor.errors import InputError
existing, fresh = sys.argv[1:]
with Store(existing) as store:
    number, version = store.numbers()[0], 1
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
for path in (existing, fresh):
    try:
        with Store(path, create=True) as store:
            store.answer(number, [Change("已抵押", "是")], "张三", version)
    except InputError as problem:
        print(problem)
"""


def test_read_only_folder_says_so_and_keeps_what_was_saved() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "库.db"
        with Store(str(path), create=True) as store:
            number = store.create("某地", "张三")
        before = path.read_bytes()
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        folder.chmod(0o555)
        try:
            done = subprocess.run(
                [sys.executable, "-c", _READ_ONLY, str(path), str(folder / "新库.db")],
                capture_output=True,
                text=True,
                check=False,
                cwd=ROOT,
            )
        finally:
            folder.chmod(0o755)
        assert done.returncode == 0, done.stderr
        said = "打不开或不可写（文件夹不在、只读或没有权限），这次没有存，以前存的都在"
        assert [line.partition("。")[0] for line in done.stdout.splitlines()] == [
            f"{path}：{said}",
            f"{folder / '新库.db'}：{said}",
        ]
        assert path.read_bytes() == before
        with Store(str(path)) as store:
            assert store.verify(number) == []


def test_what_is_not_a_store_is_said_plainly(tmp_path: Path) -> None:
    words, folder, foreign = tmp_path / "文字.db", tmp_path / "文件夹.db", tmp_path / "别的.db"
    words.write_text("这不是数据库" * 100, encoding="utf-8")
    folder.mkdir()
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE 别的 (甲 TEXT)")
    for path, said in [
        (words, "不是案卷库文件，或文件已损坏"),
        (folder, "这是文件夹，不是案卷库"),
        (foreign, "这个数据库不是案卷库"),
        (tmp_path / "没有.db", "没有这个案卷库"),
        (tmp_path / "没有" / "库.db", "没有这个案卷库"),
    ]:
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(InputError, match=said):
            Store(str(path))
        assert (path.read_bytes() if path.is_file() else None) == before
    with pytest.raises(InputError, match="打不开或不可写"):
        Store(str(tmp_path / "没有" / "库.db"), create=True)
    for address in ("mysql://某", "postgresql://主机:端口/库", "sqlite://"):
        with pytest.raises(InputError, match="可填：SQLite 的文件路径"):
            Store(address)
    with pytest.raises(InputError, match="连不上 PostgreSQL"):
        Store(f"postgresql://nobody@/x?host={tmp_path}")


def test_missing_driver_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError) as caught:
        Store("postgresql://user:secret@host/dossiers")
    assert str(caught.value) == (
        "postgresql+psycopg://user:***@host/dossiers：没有装 PostgreSQL 的驱动 psycopg。"
        "下一步：pip install 'advisor[postgres]'，或改用文件库。"
    )


def test_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """建库时被杀会留下空文件，再打开照样能用。"""
    (tmp_path / "库.db").touch()
    with Store(str(tmp_path / "库.db")) as store:
        assert store.listing() == []


def _at_version(target: str, revision: str) -> None:
    """建一个旧版的库。"""
    engine = opening._sqlite(opening._url(target)) if "://" not in target else create_engine(target)
    with opening.writing(engine) as connection:
        opening._migrate(connection, target, revision)
    engine.dispose()


def test_older_store_is_upgraded_with_its_log(target: str, tmp_path: Path) -> None:
    """第一版的库里已有日志：升到最新，日志照旧，能留存评估。"""
    with Store(str(tmp_path / "样本.db"), create=True) as sample:
        number = sample.create("某地", "张三")
        sample.answer(number, [Change("已抵押", "是")], "张三", 1)
        original = sample.read(number)
    _at_version(target, "0001")
    engine = create_engine(opening._url(target))
    with engine.begin() as connection:
        connection.execute(schema.dossiers.insert().values(number=number, length=2, head=original.entries[-1].digest))
        connection.execute(schema.entries.insert(), [{"dossier": number, **vars(entry)} for entry in original.entries])
    engine.dispose()
    with Store(target) as store:
        assert store.read(number) == original
        assert store.verify(number) == []
        assert store.keep(number, sample_kept({}), "张三", 2).no == 1
        assert store.verify(number) == []


def test_newer_store_is_refused_and_untouched(target: str) -> None:
    with Store(target, create=True) as store:
        store.create("某地", "张三")
    engine = create_engine(opening._url(target))
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(
        InputError, match=r"案卷库的版本（9999）比这个程序认得的（\d+）新。下一步：升级盘活顾问后再打开"
    ):
        Store(target)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM dossier")).scalar() == 1
    engine.dispose()


def test_migrations_end_at_the_tables_the_code_uses(target: str) -> None:
    """迁移建出的表与代码里的表一致，最新版本号也一致。"""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    Store(target, create=True).close()
    assert ScriptDirectory(str(opening._MIGRATIONS)).get_current_head() == schema.HEAD
    engine = create_engine(opening._url(target))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_plain_assessment_does_not_load_the_database_library() -> None:
    """不用案卷的命令不为案卷多花启动时间。"""
    code = "import sys, advisor.cli; print([name for name in ('sqlalchemy', 'alembic') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ
    )
    assert done.stdout.strip() == "[]"
