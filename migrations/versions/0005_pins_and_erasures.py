"""Pins, erasures, and the digests that are not taken in again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "pins",
        sa.Column("register_id", ID, nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pinned_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["register_id"], ["registers.id"], name=op.f("fk_pins_register_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_pins_source_id")),
        sa.PrimaryKeyConstraint("register_id", "identifier", name=op.f("pk_pins")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("register_id", ID, nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["register_id"], ["registers.id"], name=op.f("fk_erasures_register_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_identifier", "erasures", ["identifier"], unique=False)
    op.create_index(
        "uq_erasures_asked",
        "erasures",
        ["identifier"],
        unique=True,
        sqlite_where=sa.text("status = 'asked'"),
        postgresql_where=sa.text("status = 'asked'"),
    )
    op.create_table(
        "erased_digests",
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("erasure_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasures.id"], name=op.f("fk_erased_digests_erasure_id")),
        sa.PrimaryKeyConstraint("identifier", "digest", name=op.f("pk_erased_digests")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("erased_digests")
    op.drop_index(
        "uq_erasures_asked",
        table_name="erasures",
        sqlite_where=sa.text("status = 'asked'"),
        postgresql_where=sa.text("status = 'asked'"),
    )
    op.drop_index("ix_erasures_identifier", table_name="erasures")
    op.drop_table("erasures")
    op.drop_table("pins")
