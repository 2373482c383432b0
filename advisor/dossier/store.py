"""案卷库的存取：立卷、记答案、改判、留存评估、读出、列目。只增不改；写入须带看到的版本，别人先写了就报冲突。"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from advisor.dossier.chain import (
    ASSESSED,
    OPENED,
    OVERRIDE,
    SIGNED,
    VALUED,
    Entry,
    Fault,
    checked_text,
    faults,
    sealed,
)
from advisor.dossier.opening import exclusive, open_engine, reading, shown, writing
from advisor.dossier.record import Change, Dossier, Kept, assessment_faults, told
from advisor.dossier.schema import assessments, dossiers, entries
from advisor.errors import ConflictError, InputError

_ENTRY_COLUMNS = [entries.c[item.name] for item in fields(Entry)]
_KEPT_COLUMNS = [assessments.c[item.name] for item in fields(Kept)]


@dataclass(frozen=True)
class Summary:
    """目录里的一行。"""

    number: str
    name: str
    version: int
    opened_by: str
    opened_at: str
    changed_by: str
    changed_at: str


def utc_now() -> str:
    """此刻，UTC，到秒。"""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Store:
    """一个打开的案卷库；用完要关，可用 with。resident 是一直开着的程序，连接留着反复用。"""

    def __init__(
        self, target: str, create: bool = False, now: Callable[[], str] = utc_now, resident: bool = False
    ) -> None:
        self._engine = open_engine(target, create, resident)
        self.where = shown(self._engine.url)
        self._now = now

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """断开。"""
        self._engine.dispose()

    def create(self, name: str, who: str, number: str = "", remark: str = "") -> str:
        """立一卷，返回编号；不给编号就按年顺编。

        Raises:
            InputError: 编号已有、文字不合。
        """
        name, number = checked_text("地块名", name, 200), checked_text("编号", number, 64)
        if not name:
            raise InputError("地块名", "是空的", fix="写一个名字")
        at = self._now()
        with writing(self._engine) as connection:
            exclusive(connection)
            number = number or self._next_number(connection, at[:4])
            if connection.execute(select(dossiers.c.number).where(dossiers.c.number == number)).first():
                raise InputError(self.where, f"编号“{number}”已有一卷", fix="换一个编号，或不写编号由系统编")
            first = Entry(1, OPENED, _person(who), at, number, None, name, "", checked_text("备注", remark))
            first = sealed(number, first, "")
            connection.execute(insert(dossiers).values(number=number, length=1, head=first.digest))
            connection.execute(insert(entries).values(dossier=number, **asdict(first)))
        return number

    def answer(self, number: str, changes: Sequence[Change], who: str, seen: int) -> int:
        """记下一批答案与测算输入，要么全记要么全不记；返回新的版本。

        Raises:
            ConflictError: seen 不是现在的版本，别人先写了。
            InputError: 没有这一卷、文字不合。
        """
        drafts = [self._draft(item.kind, who, item.fact, item.new, item.source, item.remark) for item in changes]
        with writing(self._engine) as connection:
            return self._append(connection, number, drafts, seen)

    def override(self, number: str, tool: str, verdict: str | None, was: str, reason: str, who: str, seen: int) -> int:
        """人工改判一个工具；verdict 为 None 是撤回改判。返回新的版本。

        Raises:
            ConflictError: 别人先写了。
            InputError: 没有写理由、没有这一卷。
        """
        draft = self._draft(OVERRIDE, who, tool, verdict, "", reason)
        if not draft.remark:
            raise InputError("--reason", "改判没有写理由", fix="写明为什么改、凭什么改")
        with writing(self._engine) as connection:
            return self._append(connection, number, [replace(draft, old=was)], seen)

    def keep(self, number: str, kept: Kept, who: str, seen: int) -> Kept:
        """留存一次评估，返回编好次数的留存。

        Raises:
            ConflictError: 评估期间别人改了案卷，评的不是最新的事实。
        """
        with writing(self._engine) as connection:
            self._header(connection, number, seen)
            last = connection.execute(
                select(func.max(assessments.c.no)).where(assessments.c.dossier == number)
            ).scalar()
            kept = replace(kept, no=(last or 0) + 1)
            self._append(connection, number, [self._draft(ASSESSED, who, str(kept.no), kept.digest, "", "")], seen)
            self._insert_kept(connection, number, kept)
        return kept

    def sign(self, number: str, no: int, opinion: str, remark: str, who: str, seen: int) -> int:
        """复核人对第 no 次评估签署意见；返回新的版本。

        Raises:
            ConflictError: 别人先写了。
            InputError: 没有这一卷、文字不合。
        """
        draft = self._draft(SIGNED, who, str(no), opinion, "", remark)
        with writing(self._engine) as connection:
            return self._append(connection, number, [draft], seen)

    def read(self, number: str, log_only: bool = False) -> Dossier:
        """读出一卷；log_only 时不读历次评估，快得多。

        Raises:
            InputError: 没有这一卷；留存坏了读不出。
        """
        with reading(self._engine) as connection:
            self._header(connection, number)
            log = self._entries(connection, number)
            kept = {} if log_only else self._assessments(connection, number)
        broken = [no for no, item in kept.items() if item is None]
        if broken or not log:
            what = f"第 {broken[0]} 次评估的留存读不出来" if broken else "一条日志也没有"
            raise InputError(
                f"{self.where} 案卷“{number}”", what, fix=f"advisor dossier verify {number} 看坏在哪，用备份恢复"
            )
        return Dossier(number, log, tuple(item for item in kept.values() if item is not None))

    def listing(self) -> list[Summary]:
        """全部案卷，按编号。"""
        first, last = entries.alias("first"), entries.alias("last")
        query = (
            select(
                dossiers.c.number, first.c.new, dossiers.c.length,
                first.c.who, first.c.at, last.c.who, last.c.at,
            )
            .join(first, (first.c.dossier == dossiers.c.number) & (first.c.seq == 1))
            .join(last, (last.c.dossier == dossiers.c.number) & (last.c.seq == dossiers.c.length))
        )  # fmt: skip
        with reading(self._engine) as connection:
            return sorted((Summary(*row) for row in connection.execute(query)), key=lambda item: item.number)

    def numbers(self) -> list[str]:
        """库里出现过的全部编号，包括只剩日志或留存的残卷。"""
        with reading(self._engine) as connection:
            columns = (dossiers.c.number, entries.c.dossier, assessments.c.dossier)
            return sorted({number for column in columns for number in connection.execute(select(column)).scalars()})

    def verify(self, number: str) -> list[Fault]:
        """核对一卷的散列链与留存，返回全部坏处；没有坏处为空。

        Raises:
            InputError: 没有这一卷。
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(dossiers).where(dossiers.c.number == number)).first()
            log = self._entries(connection, number)
            kept = self._assessments(connection, number)
        if row is None and not log and not kept:
            raise self._missing(number)
        if row is None:
            return [Fault(0, "案卷的登记不见了，只剩日志或留存：被删")]
        found = faults(number, log, row.length, row.head) + assessment_faults(log, kept)
        return sorted(found, key=lambda fault: fault.seq)

    def insert(self, dossier: Dossier) -> None:
        """原样放进一卷（导入用），散列链不变。

        Raises:
            InputError: 同编号的已有。
        """
        number = dossier.number
        with writing(self._engine) as connection:
            exclusive(connection)
            row = connection.execute(select(dossiers).where(dossiers.c.number == number)).first()
            if row is not None:
                raise self._already(dossier, row)
            head = dossier.entries[-1].digest
            connection.execute(insert(dossiers).values(number=number, length=dossier.version, head=head))
            connection.execute(insert(entries), [{"dossier": number, **asdict(entry)} for entry in dossier.entries])
            for kept in dossier.assessments:
                self._insert_kept(connection, number, kept)

    def _append(self, connection: Connection, number: str, drafts: Iterable[Entry], seen: int) -> int:
        header = self._header(connection, number, seen)
        length, head = header.length, header.head
        rows: list[dict[str, object]] = []
        answered: dict[tuple[str, str], str | None] = {}
        for draft in drafts:
            entry = draft
            if entry.kind in VALUED:
                key = entry.kind, entry.subject
                if key not in answered:
                    answered[key] = self._value(connection, number, *key)
                entry = replace(entry, old=answered[key])
                answered[key] = entry.new
            length += 1
            entry = sealed(number, replace(entry, seq=length), head)
            head = entry.digest
            rows.append({"dossier": number, **asdict(entry)})
        if rows:
            connection.execute(insert(entries), rows)
            connection.execute(update(dossiers).where(dossiers.c.number == number).values(length=length, head=head))
        return int(length)

    def _header(self, connection: Connection, number: str, seen: int | None = None) -> Row[Any]:
        """案卷那一行；带 seen 时锁住它，版本不符就报冲突。"""
        query = select(dossiers).where(dossiers.c.number == number)
        row = connection.execute(query if seen is None else query.with_for_update()).first()
        if row is None:
            raise self._missing(number)
        if seen is not None and row.length != seen:
            raise self._conflict(connection, number, seen, row.length)
        return row

    def _conflict(self, connection: Connection, number: str, seen: int, length: int) -> ConflictError:
        if seen > length:
            return ConflictError(
                f"案卷“{number}”", f"只有 {length} 条，您看到的却是第 {seen} 条", fix="核对案卷编号与库，重新读一遍"
            )
        query = select(*_ENTRY_COLUMNS).where(entries.c.dossier == number, entries.c.seq > seen).order_by(entries.c.seq)
        others = [Entry(*row) for row in connection.execute(query)]
        said = "；".join(told(entry) for entry in others[:5]) + ("；……" if len(others) > 5 else "")
        return ConflictError(
            f"案卷“{number}”",
            f"您看到的是第 {seen} 条，之后别人又写了 {len(others)} 条：{said}。您这次的没有写入",
            fix=f"advisor dossier show {number} 看过之后，再决定要不要写",
        )

    def _value(self, connection: Connection, number: str, kind: str, subject: str) -> str | None:
        query = (
            select(entries.c.new)
            .where(entries.c.dossier == number, entries.c.kind == kind, entries.c.subject == subject)
            .order_by(entries.c.seq.desc())
            .limit(1)
        )
        return connection.execute(query).scalar()

    def _draft(self, kind: str, who: str, subject: str, new: str | None, source: str, remark: str) -> Entry:
        return Entry(
            seq=0,
            kind=kind,
            who=_person(who),
            at=self._now(),
            subject=checked_text("事项", subject),
            old=None,
            new=None if new is None else checked_text(subject, new),
            source=checked_text("来源", source),
            remark=checked_text("备注", remark),
        )

    def _entries(self, connection: Connection, number: str) -> tuple[Entry, ...]:
        query = select(*_ENTRY_COLUMNS).where(entries.c.dossier == number).order_by(entries.c.seq)
        return tuple(Entry(*row) for row in connection.execute(query))

    def _assessments(self, connection: Connection, number: str) -> dict[int, Kept | None]:
        query = select(*_KEPT_COLUMNS).where(assessments.c.dossier == number).order_by(assessments.c.no)
        return {row.no: _unpacked(row) for row in connection.execute(query)}

    def _insert_kept(self, connection: Connection, number: str, kept: Kept) -> None:
        row = {
            **asdict(kept),
            "facts": json.dumps(dict(kept.facts), ensure_ascii=False),
            "result": zlib.compress(kept.result.encode("utf-8")),
        }
        connection.execute(insert(assessments).values(dossier=number, **row))

    def _next_number(self, connection: Connection, year: str) -> str:
        taken = connection.execute(select(dossiers.c.number).where(dossiers.c.number.startswith(f"{year}-"))).scalars()
        serials = [int(tail) for tail in (number.removeprefix(f"{year}-") for number in taken) if tail.isdecimal()]
        return f"{year}-{max(serials, default=0) + 1:04d}"

    def _missing(self, number: str) -> InputError:
        return InputError(
            self.where, f"没有编号“{number}”的案卷", fix="advisor dossier list 看有哪些；立新卷用 advisor dossier new"
        )

    def _already(self, dossier: Dossier, row: Row[Any]) -> InputError:
        heads = [entry.digest for entry in dossier.entries]
        if row.head == heads[-1]:
            same = "与要导入的一模一样"
            fix = "不用导入"
        elif row.head in heads:
            same = f"是要导入的前 {row.length} 条，文件里多 {dossier.version - row.length} 条"
            fix = "导入到另一个库（--store 换个位置）；要换掉库里这卷的，由管理员用备份处理"
        else:
            same = "与要导入的不同"
            fix = "导入到另一个库（--store 换个位置），两卷对照后再定"
        return InputError(self.where, f"已有编号“{dossier.number}”的案卷，{same}；没有导入", fix=fix)


def _person(who: str) -> str:
    who = checked_text("--who", who, 64)
    if not who:
        raise InputError("--who", "没有写是谁", fix="写经手人的名字")
    return who


def _unpacked(row: Row[Any]) -> Kept | None:
    """一行留存；解不开的为 None。"""
    inflater = zlib.decompressobj()
    try:
        result = (inflater.decompress(row.result) + inflater.flush()).decode("utf-8")
        facts = json.loads(row.facts)
    except (zlib.error, ValueError):
        return None
    if not inflater.eof or inflater.unused_data or not isinstance(facts, dict):
        return None
    return Kept(**{**row._asdict(), "facts": facts, "result": result})
