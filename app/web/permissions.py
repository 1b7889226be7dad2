"""What a route may need, in words that services share with the doors."""

from enum import StrEnum


class Permission(StrEnum):
    """What a route may need."""

    READ = "read"
    """Drafts, jobs and their events."""
    WRITE = "write"
    """Ask for articles, edit them, upload."""
    PUBLISH = "publish"
    """Approve, publish, unpublish, delete."""
    MANAGE = "manage"
    """People and their roles, keys of others, the audit log."""
    OPERATE = "ops"
    """The fleet: details, proof, drain."""
