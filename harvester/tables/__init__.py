"""Tables that people hand in: :mod:`sheets` reads the rows of CSV and XLSX, :mod:`documents` makes documents of them.

Both work on bytes that are at hand, and open nothing: they run in the child (``harvester.sandbox``).
"""
