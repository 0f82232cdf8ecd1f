"""A sample to look at: two provinces, fifteen cities and a county that publish construction catalogues.

    places, words            who publishes, and what the texts are made of
    generator                the records of a place, drawn from a seed; ``faults`` spoils some on purpose
    companies, projects, credit, fields, identifiers, records     what they are drawn from
    oaipmh, arguments, catalogue     a small OAI-PMH 2.0 provider of its own
    municipal_list           the plain list of cities that do not speak OAI-PMH
    server, process          one process on the loopback address, a path per place
    sample                   the registers and sources to create
    people, situations       who has an account, and what is under way: waiting, failing, held, handed in

It stands apart: neither the registry nor the harvester is imported, so that what they read comes from outside.
The county (330127) has a register of its own below its city's (330100): one road upward from any level.
"""
