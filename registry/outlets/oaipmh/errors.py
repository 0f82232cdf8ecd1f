"""What the protocol calls errors: answers of their own, with HTTP status 200 (OAI-PMH 2.0, section 3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from registry.model.issue import Text
from schemas.issue import NO_TEXT
from schemas.oaipmh import ERRORS

Code = Literal[
    "badArgument",
    "badResumptionToken",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noRecordsMatch",
    "noMetadataFormats",
    "noSetHierarchy",
]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One ``error`` element: a code of the table, and what exactly is meant (may be empty)."""

    code: Code
    detail: Text = NO_TEXT

    @property
    def text(self) -> str:
        """What the element says, in Chinese and English on one line."""
        general = ERRORS[self.code]
        if self.detail == NO_TEXT:
            return f"{general.zh} / {general.en}"
        return f"{general.zh}：{self.detail.zh} / {general.en}: {self.detail.en}"


class ProtocolError(Exception):
    """The request is answered with errors: one, or several ``badArgument``."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__(", ".join(complaint.code for complaint in complaints))
        self.complaints = tuple(complaints)

    @classmethod
    def of(cls, code: Code, detail: Text = NO_TEXT) -> ProtocolError:
        """A single complaint."""
        return cls((Complaint(code, detail),))
