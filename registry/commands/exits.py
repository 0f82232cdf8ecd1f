"""Exit codes of ``mulu``. Click itself ends with 2 where it is called wrongly."""

from __future__ import annotations

DONE = 0
FAILED = 1
USAGE = 2
INVALID = 3  # data with errors
HELD = 4  # a run is held for a person, only a part came, or there are warnings only
