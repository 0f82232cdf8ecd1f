"""What standards say, as data, and the XML that carries it. The lowest floor: imports nothing of ours.

- :mod:`schemas.xml` parsers for data from outside (nobody else makes one) and the canonical spelling
- :mod:`schemas.encoding`, :mod:`schemas.decoders` the right text from any declared encoding, or a refusal
- :mod:`schemas.xsd` the catalogue schema (``catalogue/*.xsd``); :mod:`schemas.explanation` why it refuses
- :mod:`schemas.codes` dated divisions, items of the guidance catalogues, labels in both languages
- :mod:`schemas.oaipmh` verbs, arguments and errors of OAI-PMH 2.0
- :mod:`schemas.describe` the page ``docs/schema.md``, made from the annotations
- :mod:`schemas.issue`, :mod:`schemas.fault`, :mod:`schemas.refusal` faults in data, declared once, told twice
"""
