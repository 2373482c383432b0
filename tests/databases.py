"""测试用的 PostgreSQL：用 Debian 的包起一个临时集群，只听自己目录里的套接字，用完即删。"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).parent if elsewhere else None


@contextmanager
def temporary_cluster() -> Iterator[str]:
    """起一个集群，给出连到库 postgres 的地址；起不来就跳过并说明。"""
    pytest.importorskip("psycopg", reason="没有装 psycopg（pip install 'advisor[postgres]'）")
    programs = _programs()
    if programs is None:
        pytest.skip("没有装 PostgreSQL（apt-get install postgresql）")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    identity = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    if identity:
        shutil.chown(folder, "postgres", "postgres")

    def run(*command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **identity)  # type: ignore[call-overload]
        if done.returncode:
            pytest.skip(f"PostgreSQL 起不来：{done.stdout}{done.stderr}")

    data, log = str(folder / "data"), str(folder / "log")
    try:
        run(
            str(programs / "initdb"),
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        options = f"-c listen_addresses='' -c fsync=off -k {folder}"
        run(str(programs / "pg_ctl"), "-D", data, "-l", log, "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(cluster: str, name: str) -> str:
    """在集群里建一个空库，给出地址。"""
    from sqlalchemy import create_engine, text

    engine = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return cluster.replace("/postgres?", f"/{name}?")
