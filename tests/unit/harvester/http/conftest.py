"""The endpoint that the tests of the HTTP door ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.endpoint import Endpoint, sample_records


@pytest.fixture
def city() -> Iterator[Endpoint]:
    with Endpoint(sample_records(25)) as endpoint:
        yield endpoint
