"""Ingest: how records get from a run into a register.

    opening.open_run      one run under way per source: begin it, or resume it
    stage.RegisterSink    page by page: compare, keep documents and raw bytes, stage changes, move the checkpoint
    gaps                  what a walk did not bring, and is worth asking for one by one
    closing.close_run     the walk has ended: verdict, absences, brake -> settling, held, published, failed
    settle.settle_register   under the register's lease: slices of changes -> records -> winner -> versions
    publish.publish       one short transaction: the mark moves, parents are asked to read

Everything before ``publish`` is invisible to readers, and rolls forward after a crash.
"""
