"""The people of the demo, whom anybody may be in development."""

from dataclasses import dataclass

from app.demo.catalogue import DEMO_ARTIST_ID
from app.demo.series import DEMO_TENANT
from app.models.identity import Role


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody to sign in as."""

    name: str
    user_id: str
    roles: tuple[Role, ...] = ()
    tenants: tuple[str, ...] = (DEMO_TENANT,)


DEMO_USERS = (
    DemoUser("listener", "demo-listener"),
    DemoUser("artist", DEMO_ARTIST_ID, (Role.ARTIST,)),
    DemoUser("admin", "demo-admin", (Role.ADMIN,)),
)
