"""The search index over documents, which each database keeps in its own way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DOCUMENT_INDEX = {
    "sqlite": (
        "CREATE VIRTUAL TABLE document_index USING fts5(tokens, content='', tokenize='ascii')",
        "INSERT INTO document_index(document_index, rank) VALUES ('hashsize', 8388608)",
    ),
    "postgresql": (
        "CREATE TABLE document_index ("
        "document_id BIGINT NOT NULL CONSTRAINT pk_document_index PRIMARY KEY"
        " CONSTRAINT fk_document_index_document_id REFERENCES documents (id) ON DELETE CASCADE,"
        " tokens TSVECTOR NOT NULL)",
        "CREATE INDEX ix_document_index_tokens ON document_index USING gin (tokens)",
    ),
}


def upgrade() -> None:
    """Go forward."""
    for statement in DOCUMENT_INDEX[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Go back."""
    op.execute("DROP TABLE document_index")
