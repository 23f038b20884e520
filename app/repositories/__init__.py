"""MongoDB: collections, queries, transactions."""

import os

# Motor makes its threads when it is imported. With its default of five for each core, a database that is away lets the
# jobs of a full minute hold them all for as long as the driver is patient, and a sign of life waits as long again.
os.environ.setdefault("MOTOR_MAX_WORKERS", "24")
