"""打开案卷库：SQLite 一个文件或 PostgreSQL 一个地址，同一套代码；旧版的库自动升级，出错说人话。"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from advisor.dossier.schema import HEAD, VERSION_TABLE
from advisor.errors import InputError

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_BUSY_SECONDS = 60
_LOCK = 0x6469_616E  # PostgreSQL 建库、编号时的互斥锁


def open_engine(target: str, create: bool = False, resident: bool = False) -> Engine:
    """连上 target（文件路径或 postgresql:// 地址），升到最新；create 为假时文件须已存在。

    resident 是一直开着的程序（网站），连接留着反复用；否则 SQLite 用完就关。

    Raises:
        InputError: 没有这个库、不是案卷库、版本比程序新、缺驱动、连不上、不可写。
    """
    url = _url(target)
    where = shown(url)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        if path.is_dir():
            raise InputError(where, "这是文件夹，不是案卷库", fix="写出文件夹里的库文件名，如 案卷库.db")
        if not create and not path.exists():
            raise InputError(
                where,
                "没有这个案卷库",
                fix="核对 --store 或 ADVISOR_STORE；还没有库的，先 advisor dossier new 地块名 立一卷",
            )
    with plain_errors(where):
        engine = _sqlite(url, resident) if url.get_backend_name() == "sqlite" else _postgres(url, where)
        try:
            _upgrade(engine, where)
        except BaseException:
            engine.dispose()
            raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """一次写：SQLite 一开始就占住写锁；出错全部撤回，不留半条。"""
    with plain_errors(shown(engine.url)), engine.connect() as plain:
        connection = plain.execution_options(writing=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """一次读：看到的是同一刻的样子。"""
    with plain_errors(shown(engine.url)), engine.connect() as plain:
        options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        connection = plain.execution_options(**options)
        with connection.begin():
            yield connection


def exclusive(connection: Connection) -> None:
    """建库、给编号时的互斥；SQLite 的写事务本就互斥。"""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def shown(url: URL) -> str:
    """给人看的位置：文件路径，或不带密码的地址。"""
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _url(target: str) -> URL:
    if "://" not in target:
        return URL.create("sqlite", database=str(Path(target).expanduser()))
    try:
        url = make_url(target)
    except (ArgumentError, ValueError):
        raise _bad_address(target) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database:
        return url
    raise _bad_address(target)


def _bad_address(target: str) -> InputError:
    return InputError(
        "--store",
        f"收到“{target}”",
        allowed="SQLite 的文件路径，或 postgresql://用户:密码@主机/库名",
        fix="改成其中一种",
    )


def _sqlite(url: URL, resident: bool = False) -> Engine:
    """平时每次用完就关，只有一个文件，拷走即可；写入落盘才算数。"""
    kept: dict[str, Any] = {"poolclass": QueuePool, "max_overflow": -1} if resident else {"poolclass": NullPool}
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}, **kept)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # 事务由 _begin 开
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _turn_on_wal(engine: Engine) -> None:
    """读写互不等待的日志方式，记在库文件里，建库时定一次。别人同时在建会立刻报忙，不等；稍候再试。"""
    connection = engine.raw_connection()
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.cursor().execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            break
    connection.close()


def _begin(connection: Connection) -> None:
    wanted = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if wanted else "BEGIN")


def _postgres(url: URL, where: str) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise InputError(
            where, "没有装 PostgreSQL 的驱动 psycopg", fix="pip install 'advisor[postgres]'，或改用文件库"
        ) from None


def _upgrade(engine: Engine, where: str) -> None:
    """库的版本不是最新就升；升级在一个事务里，半路断了等于没升。"""
    with reading(engine) as connection:
        present = _version(connection, where)
    if present == HEAD:
        return
    if present is None and engine.dialect.name == "sqlite":
        _turn_on_wal(engine)
    with writing(engine) as connection:
        exclusive(connection)
        if _version(connection, where) != HEAD:
            _migrate(connection, where)


def _version(connection: Connection, where: str) -> str | None:
    """库里记的版本；空库为 None。"""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if {"dossier", "dossier_entry"} & tables or (tables and connection.dialect.name == "sqlite"):
            raise _not_a_store(where)
        return None
    versions = list(connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars())
    if len(versions) != 1:
        raise _not_a_store(where)
    return str(versions[0])


def _not_a_store(where: str) -> InputError:
    return InputError(where, "这个数据库不是案卷库，或版本记号被人动过，没有动它", fix="核对位置；有备份的用备份")


def _migrate(connection: Connection, where: str, target: str = "head") -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(_MIGRATIONS))
    present = _version(connection, where)
    if present is not None and present not in {item.revision for item in script.walk_revisions()}:
        raise InputError(
            where,
            f"案卷库的版本（{present}）比这个程序认得的（{HEAD}）新",
            fix="升级盘活顾问后再打开；库没有改动",
        )
    with EnvironmentContext(Config(), script, fn=lambda revision, _: script._upgrade_revs(target, revision)) as context:
        context.configure(connection=connection, version_table=VERSION_TABLE)
        context.run_migrations()


@contextmanager
def plain_errors(where: str) -> Iterator[None]:
    """把数据库的报错变成写给办事员的话。"""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as problem:
        cause = problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem
        found, fix = _explained(str(cause).strip())
        raise InputError(where, found, fix=fix) from problem


_SAID = (
    (
        ("disk is full", "disk I/O error", "No space left"),
        "写不进去（磁盘满，或读写出错），这次没有存，以前存的都在",
        "腾出磁盘空间后再试一次",
    ),
    (
        ("readonly database", "unable to open database", "ermission denied"),
        "打不开或不可写（文件夹不在、只读或没有权限），这次没有存，以前存的都在",
        "核对文件夹与权限，或用 --store 换一个能写的位置",
    ),
    (
        ("not a database", "malformed", "file is encrypted"),
        "不是案卷库文件，或文件已损坏",
        "核对 --store 指到的文件；确是案卷库的，用备份恢复",
    ),
    (
        ("database is locked", "lock timeout"),
        f"等了 {_BUSY_SECONDS} 秒，别人还占着案卷库，这次没有存",
        "稍后再试；一直如此的，看看有没有没退出的程序",
    ),
    (
        (
            "connection failed",
            "connection is bad",
            "could not connect",
            "connection refused",
            "could not translate host",
            "failed to resolve host",
        ),
        "连不上 PostgreSQL",
        "核对主机、端口、用户、密码、库名，服务器是否开着",
    ),
)


def _explained(said: str) -> tuple[str, str]:
    for marks, found, fix in _SAID:
        if any(mark in said for mark in marks):
            return found, fix
    return (
        f"案卷库出错（{said.splitlines()[0] if said else '未说明'}），这次没有存",
        "再试一次；还不行就把这句话发给维护人员",
    )
