"""账号的表，与案卷的表同在一个库里。口令、会话、令牌只存散列。"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text

from advisor.dossier.schema import metadata

units = Table("unit", metadata, Column("name", Text, primary_key=True), Column("created_at", Text, nullable=False))
"""单位：案卷归单位，只在单位内看得见。"""

users = Table(
    "account",
    metadata,
    Column("login", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("unit", Text, ForeignKey("unit.name"), nullable=False),
    Column("roles", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Text, nullable=False),
    Column("created_at", Text, nullable=False),
)
"""人员。name 记进案卷日志，所以不许重名；locked_until 为空是没有锁。"""

sessions = Table(
    "account_session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("login", Text, ForeignKey("account.login"), nullable=False, index=True),
    Column("opened_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
)
"""登录会话，退出即删。"""

tokens = Table(
    "account_token",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("client", Text, nullable=False, unique=True),
    Column("login", Text, ForeignKey("account.login"), nullable=False),
    Column("created_at", Text, nullable=False),
    Column("used_at", Text, nullable=False),
)
"""程序用的令牌：一个客户端一个，权限同所属的人。"""

custody = Table(
    "dossier_custody",
    metadata,
    Column("dossier", Text, ForeignKey("dossier.number"), primary_key=True),
    Column("unit", Text, ForeignKey("unit.name"), nullable=False, index=True),
)
"""案卷归哪个单位。"""

cards = Table(
    "dossier_card",
    metadata,
    Column("dossier", Text, ForeignKey("dossier.number"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("plan", Text, nullable=False),
    Column("tools", Text, nullable=False),
    Column("policies", Text, nullable=False),
)
"""案卷在目录里的样子，由日志与评估算出，随时可以重算；version 是算到日志第几条。"""

audits = Table(
    "audit",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
)
"""审计：谁、何时、从哪里、做了什么。"""

secrets = Table("secret", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
"""本库自己的密钥。"""
