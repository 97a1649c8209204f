"""Runs mongoeco, an engine in Python, as a server to test on: run_mongoeco.py PORT.

    python3.13 -m venv v && v/bin/pip install mongoeco==4.11.0 pymongo==4.20.1

Where it differs so much from MongoDB that MongoDB's Go driver cannot use it, it is
corrected here: the id of a cursor has 64 bits, options that are whole numbers may
have 64 too, and a limit of 0 means none.
"""

import asyncio
import sys

from bson.int64 import Int64
from mongoeco.wire import AsyncMongoEcoProxyServer, protocol

decode, encode = protocol.decode_wire_value, protocol.encode_wire_value


def decoded(message):
    message = decode(message)
    for name in {"maxTimeMS", "skip", "limit", "batchSize", "getMore"} & set(message):
        message[name] = int(getattr(message[name], "value", message[name]))
    if "find" in message and message.get("limit") == 0:
        del message["limit"]
    return message


def encoded(message):
    message = encode(message)
    if "id" in message.get("cursor", {}):
        message["cursor"]["id"] = Int64(message["cursor"]["id"])
    return message


async def main():
    protocol.decode_wire_value, protocol.encode_wire_value = decoded, encoded
    async with AsyncMongoEcoProxyServer(port=int(sys.argv[1])):
        await asyncio.Event().wait()


asyncio.run(main())
