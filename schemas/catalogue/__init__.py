"""The catalogue schema: ``catalogue.xsd`` and what it includes, in our own namespace.

``core.xsd`` holds the elements of GB/T 21063.3 under their short names, ``construction.xsd`` the profile of
the construction sector, ``values.xsd`` the simple types of both.
"""

from pathlib import Path
from typing import Final

NAMESPACE: Final = "urn:mulu:catalogue:1"
FOLDER: Final = Path(__file__).parent
FILE: Final = FOLDER / "catalogue.xsd"
