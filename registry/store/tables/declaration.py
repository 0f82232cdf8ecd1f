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


NAMED = "names"
"""Under this key, the ``info`` of a column tells the ``table.column`` that its values stand in."""


def naming(target: str, name: str, *, nullable: bool = False) -> Column[int]:
    """The column ``name``, whose values are those of ``target`` without a constraint that says so.

    For the tables that grow by a row a record. PostgreSQL looks a foreign key up and locks its row once for
    every row inserted: a third of what it does in a first harvest. Nobody deletes rows of the tables named so,
    and ``registry.store.verification`` checks them.
    """
    return Column(name, ID, nullable=nullable, info={NAMED: target})
