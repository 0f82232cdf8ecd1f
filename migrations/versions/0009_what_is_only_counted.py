"""The ledger of a run: how many issues of each code it found, kept or only counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("runs", sa.Column("issue_ledger", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("runs", "issue_ledger")
