"""Alembic migrations of the store. ``mulu db upgrade`` runs them; ``tests/migration`` proves that they end
where ``registry.store.tables`` begins, on both databases."""
