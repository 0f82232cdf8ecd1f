"""``python -m demo [--port N]``: serve the sample until standard input ends, or Ctrl-C.

The first line of output is its URL. Whoever starts it as a child keeps its standard input open: when the parent
ends, however it ends, so does the sample.
"""

from __future__ import annotations

import argparse
import sys
from threading import Thread

from demo.server import SampleServer, real_clock


def main() -> int:
    """Serve; 1 where the port is taken."""
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Serve the sample on the loopback address."
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (0: any free one)")
    try:
        server = SampleServer(parser.parse_args().port, real_clock)
    except OSError as failure:
        sys.stderr.write(f"{failure.strerror}\n")
        return 1
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            sys.stdin.read()
        except KeyboardInterrupt:
            return 0
        server.shutdown()
    return 0


sys.exit(main())
