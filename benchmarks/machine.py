"""What the numbers were measured on."""

import os
import platform
from dataclasses import dataclass

from app import __version__
from app.repositories.mongo import Mongo


@dataclass(frozen=True, slots=True)
class Machine:
    """As much as another reader needs to judge a number; nothing that names the machine."""

    playledger: str
    cpus: int
    load_average: float
    system: str
    python: str
    mongod: str


async def describe(mongo: Mongo) -> Machine:
    """This machine, before the load."""
    info = await mongo.client.server_info()
    return Machine(
        playledger=__version__,
        cpus=os.cpu_count() or 1,
        load_average=round(os.getloadavg()[0], 2),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        mongod=str(info["version"]),
    )
