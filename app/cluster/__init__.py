"""Real servers on one machine, out of wheels: what a fleet needs beside its instances."""

from app.cluster.postgres import PostgresServer
from app.cluster.processes import CannotStart, Server, free_port
from app.cluster.seaweedfs import S3Server
from app.cluster.valkey import SentinelServer, ValkeyServer

__all__ = [
    "CannotStart",
    "PostgresServer",
    "S3Server",
    "SentinelServer",
    "Server",
    "ValkeyServer",
    "free_port",
]
