"""An index for what was handed in and waits to be delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        "ix_deliveries_kept",
        "deliveries",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'kept'"),
        postgresql_where=sa.text("state = 'kept'"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_deliveries_kept", table_name="deliveries")
