"""What all tables share: their metadata, the names of their constraints, and their keys."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = BigInteger().with_variant(Integer, "sqlite")
"""A key or a sequence: 64 bits on both databases (SQLite generates keys for INTEGER only)."""


def key() -> Column[int]:
    """The generated key of a table."""
    return Column("id", ID, Identity(), primary_key=True)


def to(target: str, name: str, *, nullable: bool = False) -> Column[int]:
    """The column ``name``, a reference to ``target`` (``table.column``)."""
    return Column(name, ID, ForeignKey(target), nullable=nullable)
