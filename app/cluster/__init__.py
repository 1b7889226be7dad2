"""Real servers on one machine, out of wheels, and a fleet of instances among them."""

from app.cluster.fleet import Fleet
from app.cluster.instances import Instance
from app.cluster.postgres import PostgresServer
from app.cluster.processes import CannotStart, Server, free_port
from app.cluster.proxies import CaddyServer, HaproxyServer, NginxServer, Proxy
from app.cluster.seaweedfs import S3Server
from app.cluster.valkey import SentinelServer, ValkeyServer

__all__ = [
    "CaddyServer",
    "CannotStart",
    "Fleet",
    "HaproxyServer",
    "Instance",
    "NginxServer",
    "PostgresServer",
    "Proxy",
    "S3Server",
    "SentinelServer",
    "Server",
    "ValkeyServer",
    "free_port",
]
