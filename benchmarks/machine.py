"""What the numbers were measured on."""

import os
import platform
import sysconfig
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
        python=_python(),
        mongod=str(info["version"]),
    )


def _python() -> str:
    """The version, and whether its build was optimized: without that it takes a third more for the same."""
    is_optimized = "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS"))
    return platform.python_version() + ("" if is_optimized else " (built without optimizations)")
