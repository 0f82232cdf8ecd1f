"""Processes that are stopped and killed where it hurts, and a client that reads meanwhile.

    clock        one clock for all processes, moved by the test alone
    listing      a small scripted source: what it lists, page by page, and how that changes
    points       where a process can be stopped: on both sides of every commit of every service
    driver       the child process: the real worker over a scripted source
    process      the parent's side of it: start, let go on, stop, continue, kill
    household    a store to play in: registers, sources, orders
    client       an incremental OAI-PMH client, and the register that it must come to
    defects      planted on purpose, each to be caught

No product code knows of any of this: the driver wraps the commits of its own process.
"""
