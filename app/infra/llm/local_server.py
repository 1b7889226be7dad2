"""The child process that holds a local model: llama.cpp's own HTTP server, on a loopback port.

It reads one JSON line on standard input (model, alias, key, threads, context), says its port in one
JSON line on standard output, and ends when standard input closes: that is, however its parent ends.
"""

import importlib
import json
import os
import sys
from typing import Any


def main() -> None:
    """Serve until the parent lets go."""
    asked = json.loads(sys.stdin.readline())
    # The library writes its log to standard output too; that is kept for the one line.
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    # 100 MB, only ever loaded here, once its log has its place; it has no types.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = asked["model"]
    params.model_alias = {asked["alias"]}
    params.api_keys = [asked["key"]]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.cors_origins = ""  # no page of a browser's may ask it
    params.endpoint_slots = False
    params.endpoint_props = False
    params.endpoint_metrics = False
    params.ui = False
    params.n_ctx = asked["context"]
    params.n_parallel = 1
    params.cache_ram_mib = 64  # the default is 8 GB of old prompts
    params.no_extra_bufts = True  # a third less memory, for a little speed
    params.cpuparams.n_threads = asked["threads"]
    params.cpuparams_batch.n_threads = asked["threads"]
    params.verbosity = 1
    server = xllamacpp.Server(params)
    said.write(json.dumps({"address": server.listening_address}) + "\n")
    said.flush()
    sys.stdin.read()
    os._exit(0)  # the library's threads would have to be waited for


if __name__ == "__main__":
    main()
