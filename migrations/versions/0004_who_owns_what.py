"""What was approved that a source may speak for, and since when a list is to be read anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. What was approved is what is stated: whatever was amended since is not approved yet, and was not
    kept."""
    op.add_column("sources", sa.Column("approved_scope", sa.Text()))
    op.add_column("sources", sa.Column("anew_at", sa.BigInteger()))
    op.execute("UPDATE sources SET approved_scope = scope WHERE approved_fingerprint <> ''")


def downgrade() -> None:
    """Go back."""
    op.drop_column("sources", "anew_at")
    op.drop_column("sources", "approved_scope")
