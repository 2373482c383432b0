"""历次评估的留存。"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """加评估留存一张表。"""
    op.create_table(
        "dossier_assessment",
        sa.Column("dossier", sa.Text, sa.ForeignKey("dossier.number"), primary_key=True),
        sa.Column("no", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("as_of", sa.Text, nullable=False),
        sa.Column("taxonomy", sa.Text, nullable=False),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("rules_version", sa.Text, nullable=False),
        sa.Column("rules_sha256", sa.Text, nullable=False),
        sa.Column("playbooks_sha256", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("result", sa.LargeBinary, nullable=False),
    )
