"""Play a municipality by hand, until Ctrl-C. See README.md beside this file."""

from __future__ import annotations

import argparse
import sys
import threading

from tests.endpoint import FAULTS, Endpoint, catalogue_records, read_play, sample_records


def play(text: str) -> str:
    """``text``, which names a fault and perhaps the visits that meet it."""
    try:
        read_play(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def main() -> None:
    """Serve on a loopback address, with the faults that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.endpoint", description=__doc__)
    parser.add_argument(
        "--play", action="append", default=[], metavar="NAME[@FIRST[-[LAST]]]", type=play,
        help="a fault, at every visit or at some of them; may be given several times",
    )  # fmt: skip
    parser.add_argument("--list", action="store_true", help="list the faults and end")
    parser.add_argument("--address", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="the port (default: any free one)")
    parser.add_argument("--prefix", choices=("catalogue", "oai_dc"), default="oai_dc", help="the format")
    parser.add_argument(
        "--records", type=int, default=25, metavar="N", help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--page", type=int, default=10, metavar="N", help="of them on a page (default: %(default)s)"
    )
    parser.add_argument("--tempo", type=float, default=1.0, metavar="SECONDS", help="the pause when dripping")
    options = parser.parse_args()
    if options.list:
        for fault in FAULTS.values():
            sys.stdout.write(f"{fault.name:36} {fault.level:11} {fault.about}\n")
        return
    records = (catalogue_records if options.prefix == "catalogue" else sample_records)(options.records)
    city = Endpoint(records, options.play, options.address, options.port, options.tempo, options.page)
    city.provider.prefix = options.prefix
    with city:
        sys.stdout.write(f"OAI-PMH     {city.oai_url}?verb=Identify\nplain list  {city.list_url}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
