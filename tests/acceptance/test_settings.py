"""Settings reach what they set."""

from __future__ import annotations

from registry.store import registers
from registry.store.engine import open_engines
from tests.acceptance.conftest import Mulu


def test_a_register_keeps_the_brake_of_the_day_it_was_made(mulu: Mulu) -> None:
    mulu.environ["MULU_BRAKE_VANISH_FLOOR"] = "7"
    mulu("register", "add", "330100", "--name", "杭州市目录", "--level", "municipal")
    del mulu.environ["MULU_BRAKE_VANISH_FLOOR"]
    engines = open_engines(mulu.environ["MULU_DATABASE_URL"] or f"sqlite:///{mulu.home / 'mulu.sqlite3'}")
    with engines.read.begin() as connection:
        floors = {
            code: registers.get(connection, code).policy.brake.vanish_floor for code in ("330100", "330800")
        }
    engines.dispose()
    assert floors == {"330100": 7, "330800": 2}
