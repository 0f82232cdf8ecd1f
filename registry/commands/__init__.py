"""The command line of the registry: registers, sources, runs, entries, search, export, verify, the store, the server.

    session     who calls, where the installation is; options that all commands share
    output      tables for people, JSON for programs; ``labels`` names the members of the model
    failures    one sentence and exit code 1; ``exits`` lists the codes

A command knows services (to change something) and the read-only store; it prints, and decides nothing itself.
"""
