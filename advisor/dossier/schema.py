"""案卷库的表。三张表都以案卷编号为首，没有代号；每一列都在散列链的覆盖之下。"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

dossiers = Table(
    "dossier",
    metadata,
    Column("number", Text, primary_key=True),
    Column("length", Integer, nullable=False),
    Column("head", Text, nullable=False),
)
"""一卷一行：日志条数与末条散列。写日志时锁住这一行，别人的并发写入就看得见。"""

entries = Table(
    "dossier_entry",
    metadata,
    Column("dossier", Text, ForeignKey("dossier.number"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("source", Text, nullable=False),
    Column("remark", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
"""日志，只增不改。"""

assessments = Table(
    "dossier_assessment",
    metadata,
    Column("dossier", Text, ForeignKey("dossier.number"), primary_key=True),
    Column("no", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    Column("taxonomy", Text, nullable=False),
    Column("program", Text, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("rules_sha256", Text, nullable=False),
    Column("playbooks_sha256", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("result", LargeBinary, nullable=False),
)
"""历次评估的留存；result 是评估 JSON 的 zlib 压缩，散列在日志里。"""

VERSION_TABLE = "dossier_version"
HEAD = "0003"
"""最新的迁移；打开库时与库里的版本比。"""
