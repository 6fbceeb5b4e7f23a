"""A hub's web port by PyPI's `websockets`: passes each subprotocol's bytes on to a broker, answers a plain GET with 401.

Prints its port as its first line. Ends when its standard input does.
"""

import argparse
import asyncio
import ssl
import sys

from websockets.asyncio.server import serve

REFUSAL = '{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized","ExceptionMessage":""}'


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--path", required=True, help="path of the upgrade")
    parser.add_argument("--pass-on", action="append", default=[], metavar="SUBPROTOCOL=PORT")
    return parser.parse_args()


async def main(args):
    ports = {name: int(port) for name, port in (item.split("=") for item in args.pass_on)}
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(args.certificate, args.key)

    def answer(connection, request):
        if "Upgrade" not in request.headers:
            response = connection.respond(401, REFUSAL)
            del response.headers["Content-Type"]
            response.headers["Content-Type"] = "application/json; charset=utf-8"
            response.headers["iothub-errorcode"] = "IotHubUnauthorizedAccess"
            return response
        if request.path.partition("?")[0] != args.path:
            return connection.respond(404, "no such path\n")
        return None

    async def pass_on(connection):
        reader, writer = await asyncio.open_connection("127.0.0.1", ports[connection.subprotocol])

        async def down():
            while data := await reader.read(65536):
                await connection.send(data)
            await connection.close()

        task = asyncio.create_task(down())
        try:
            async for message in connection:
                if isinstance(message, str):
                    await connection.close(1003)  # these protocols are binary
                    break
                writer.write(message)
                await writer.drain()
        finally:
            writer.close()
            await asyncio.gather(task, return_exceptions=True)

    async with serve(
        pass_on, "127.0.0.1", 0, ssl=tls, subprotocols=list(ports), process_request=answer, compression=None
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)


asyncio.run(main(arguments()))
