"""`python -m app.sandbox`: the sandbox as a child, which says where it is as JSON and ends with its parent."""

import argparse
import sys

from app.parent import end_with_parent
from app.sandbox.process import ProductionRefused, announcement, serve
from app.sandbox.world import SandboxOptions


def main() -> None:
    """Read the options, and serve."""
    usual = SandboxOptions()
    options = argparse.ArgumentParser(prog="python -m app.sandbox")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--tracks", type=int, default=usual.tracks)
    options.add_argument("--seed", type=int, default=usual.seed)
    options.add_argument("--latency-ms", type=float, default=usual.latency_ms)
    given = options.parse_args()
    end_with_parent()
    try:
        serve(given.host, given.port, SandboxOptions(given.tracks, given.seed, given.latency_ms), _say)
    except (ProductionRefused, OSError) as error:
        sys.exit(str(error))


def _say(address: str) -> None:
    sys.stdout.write(announcement(address) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
