"""One user of an embedded MongoDB, as a process of its own: says who the server is, leaves when its input ends."""

import json
import sys
from pathlib import Path

from app.embedded import EmbeddedMongo


def main() -> None:
    mongo = EmbeddedMongo(Path(sys.argv[1]))
    with mongo as uri:
        sys.stdout.write(json.dumps({"pid": mongo.pid, "uri": uri}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
