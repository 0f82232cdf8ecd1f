"""Settings: what an installation may choose, where it is read from, and how it logs.

``settings`` declares every setting with its default; ``load`` reads them (``default.toml``, then
``<home>/mulu.toml``, then ``MULU_<SECTION>_<KEY>``, then the command line); ``secrets`` keeps the keys;
``logs`` sets up structured logging. Nothing here imports anything else of Mulu.
"""
