"""The only socket of the left half: asks endpoints, and lets nothing out or in that it should not.

A tour, from the outside in: :mod:`fetch` asks one question and hands out the answer as a stream;
:mod:`access` reads the credentials and authorities that a source refers to; :mod:`connection` goes only to
addresses that :mod:`addresses` lets pass; :mod:`budgets` watches what an answer costs while it comes in;
:mod:`failures` sorts what went wrong by its consequence.
"""

from harvester.http.fetch import Answer, Fetcher, Policy

__all__ = ["Answer", "Fetcher", "Policy"]
