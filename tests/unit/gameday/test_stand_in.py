import asyncio

from marketday.gameday.stand_in import StandInForSlack, named
from marketday.provisioners.local.ports import free_ports

CALL = b'POST /services/T0 HTTP/1.1\r\nHost: x\r\nContent-Length: 17\r\n\r\n{"text": "hello"}'


async def asked(port: int, patience: float) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(CALL)
        return await asyncio.wait_for(reader.read(), patience)
    finally:
        writer.close()


async def test_slack_is_silent_and_then_answers():
    slack, [port] = StandInForSlack(), free_ports(1)
    async with slack.listening(port):
        silent = asyncio.ensure_future(asked(port, 600))
        while not slack.asked:
            await asyncio.sleep(0.001)
        assert slack.messages == []
        silent.cancel()
        slack.silent = False
        assert (await asked(port, 60)).endswith(b"\r\n\r\nok")
    assert (slack.asked, slack.messages) == (2, ["hello"])


async def test_a_server_is_asked_by_its_name():
    heads = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, named("http://mall.localhost:80", server.sockets[0].getsockname()[1]) as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write(b"GET /v1/drops HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
    assert heads == [b"GET /v1/drops HTTP/1.1\r\nHost: mall.localhost:80\r\n\r\n"]
