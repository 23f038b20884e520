"""The one engine that every small durable write of Playledger goes through."""

from app.services.group_commit.backoff import Backoff
from app.services.group_commit.contract import Bounds, Commit, Merging
from app.services.group_commit.engine import GroupCommit

__all__ = ["Backoff", "Bounds", "Commit", "GroupCommit", "Merging"]
