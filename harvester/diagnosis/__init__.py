"""What is wrong with an installation, in plain words, and the way out: ``mulu doctor``.

A tour: :mod:`finding` what a check says · :mod:`patient` what is looked at · :mod:`files` keys, modes, disk ·
:mod:`store` the database, its shape, its clock · :mod:`work` whether orders are carried out, and the broker ·
:mod:`intake` the canaries · :mod:`survey` whether sources answer · :mod:`examination` the table of checks, each with
its time.
"""

from harvester.diagnosis.examination import CHECKS, examine
from harvester.diagnosis.finding import Check, Finding, State, worst
from harvester.diagnosis.patient import Patient

__all__ = ["CHECKS", "Check", "Finding", "Patient", "State", "examine", "worst"]
