"""A real mongod that lives and dies with the service: for development, demos and tests, never for production.

MongoDB is licensed under the Server Side Public License (SSPL). It is run beside this program as a process of its own
and is neither linked nor changed. It listens on 127.0.0.1 without a password, so every local account can reach it.
"""

from app.embedded.embedded_mongo import EmbeddedMongo
from app.embedded.errors import EmbeddedMongoError

__all__ = ["EmbeddedMongo", "EmbeddedMongoError"]
