"""Indexes for what every page of the console asks, and the counts of a run's issues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("runs", sa.Column("issue_counts", sa.Text(), nullable=True))
    op.drop_index("ix_runs_started_at", table_name="runs")
    op.create_index("ix_runs_started_at", "runs", ["started_at", "status", "register_id"], unique=False)
    op.create_index("ix_runs_status_id", "runs", ["status", "id"], unique=False)
    op.create_index("ix_sources_health", "sources", ["health", "status", "register_id"], unique=False)
    op.create_index("ix_sources_status_id", "sources", ["status", "id"], unique=False)
    op.create_index(
        "ix_sources_reading",
        "sources",
        ["location", "register_id"],
        unique=False,
        sqlite_where=sa.text("protocol = 'register'"),
        postgresql_where=sa.text("protocol = 'register'"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_sources_reading", table_name="sources")
    op.drop_index("ix_sources_status_id", table_name="sources")
    op.drop_index("ix_sources_health", table_name="sources")
    op.drop_index("ix_runs_status_id", table_name="runs")
    op.drop_index("ix_runs_started_at", table_name="runs")
    op.create_index("ix_runs_started_at", "runs", ["started_at"], unique=False)
    op.drop_column("runs", "issue_counts")
