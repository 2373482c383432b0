"""账号、会话、令牌、案卷归属与目录、审计。"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _text(name: str, *extra: sa.ForeignKey, **options: bool) -> sa.Column[str]:
    return sa.Column(name, sa.Text, *extra, **{"nullable": False, **options})  # type: ignore[arg-type]


def upgrade() -> None:
    """加网页要用的八张表。"""
    op.create_table("unit", _text("name", primary_key=True), _text("created_at"))
    op.create_table(
        "account",
        _text("login", primary_key=True),
        _text("name", unique=True),
        _text("unit", sa.ForeignKey("unit.name")),
        _text("roles"),
        _text("password"),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        _text("locked_until"),
        _text("created_at"),
    )
    op.create_table(
        "account_session",
        _text("digest", primary_key=True),
        _text("login", sa.ForeignKey("account.login"), index=True),
        _text("opened_at"),
        _text("seen_at"),
    )
    op.create_table(
        "account_token",
        _text("digest", primary_key=True),
        _text("client", unique=True),
        _text("login", sa.ForeignKey("account.login")),
        _text("created_at"),
        _text("used_at"),
    )
    op.create_table(
        "dossier_custody",
        _text("dossier", sa.ForeignKey("dossier.number"), primary_key=True),
        _text("unit", sa.ForeignKey("unit.name"), index=True),
    )
    op.create_table(
        "dossier_card",
        _text("dossier", sa.ForeignKey("dossier.number"), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        _text("place"),
        _text("state"),
        sa.Column("answered", sa.Integer, nullable=False),
        _text("plan"),
        _text("tools"),
        _text("policies"),
    )
    op.create_table(
        "audit",
        sa.Column("no", sa.Integer, primary_key=True, autoincrement=True),
        _text("at"),
        _text("who"),
        _text("unit"),
        _text("address"),
        _text("action"),
        _text("target"),
    )
    op.create_table("secret", _text("name", primary_key=True), _text("value"))
