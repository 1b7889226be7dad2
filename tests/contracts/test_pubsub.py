"""What every channel of messages does, held against memory, Valkey and PostgreSQL."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from app.cluster import PostgresServer, ValkeyServer
from app.infra.pubsub import GAP, MAX_BODY, Gap, Message, PubSub, open_pubsub

PATIENCE_S = 30


@dataclass
class Pair:
    """Two instances of a fleet; one and the same where messages do not leave the process."""

    a: PubSub
    b: PubSub


@pytest.fixture(params=["memory", "valkey", "postgresql"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    match request.param:
        case "memory":
            one = open_pubsub("", "sqlite:///none.db")
            made = Pair(one, one)
        case "valkey":
            url = request.getfixturevalue("valkey_server")
            made = Pair(open_pubsub(url, ""), open_pubsub(url, ""))
        case _:
            url = request.getfixturevalue("postgres_server")
            made = Pair(open_pubsub("", url), open_pubsub("", url))
    yield made
    await made.a.close()
    if made.b is not made.a:
        await made.b.close()


@pytest.fixture
def channel() -> str:
    return f"test:{secrets.token_hex(6)}"


async def following(messages: AsyncIterator[Message | Gap]) -> Message | Gap:
    async with asyncio.timeout(PATIENCE_S):
        return await anext(messages)


async def test_a_message_from_one_instance_reaches_the_other(pair: Pair, channel: str) -> None:
    body = bytes(range(256))

    async with pair.b.subscribe(channel) as messages:
        await pair.a.publish(channel, body)
        heard = await following(messages)

    assert heard == Message(channel, body)


async def test_who_publishes_hears_it_too(pair: Pair, channel: str) -> None:
    async with pair.a.subscribe(channel) as messages:
        await pair.a.publish(channel, b"1")

        assert await following(messages) == Message(channel, b"1")


async def test_a_listener_hears_its_own_channels_alone(pair: Pair, channel: str) -> None:
    async with pair.b.subscribe(channel, f"{channel}:2") as messages:
        await pair.a.publish(f"{channel}:3", b"not mine")
        await pair.a.publish(channel, b"1")
        await pair.a.publish(f"{channel}:2", b"2")
        heard = [await following(messages), await following(messages)]

    assert heard == [Message(channel, b"1"), Message(f"{channel}:2", b"2")]


async def test_messages_of_one_sender_arrive_in_order(pair: Pair, channel: str) -> None:
    async with pair.b.subscribe(channel) as messages:
        for number in range(500):
            await pair.a.publish(channel, b"%d" % number)
        heard = [await following(messages) for _ in range(500)]

    assert heard == [Message(channel, b"%d" % number) for number in range(500)]


async def test_every_listener_hears_each_message(pair: Pair, channel: str) -> None:
    async with (
        pair.a.subscribe(channel) as first,
        pair.b.subscribe(channel) as second,
        pair.b.subscribe(channel) as third,
    ):
        await pair.a.publish(channel, b"1")
        heard = [await following(messages) for messages in (first, second, third)]

    assert heard == [Message(channel, b"1")] * 3


async def test_a_message_nobody_hears_is_no_error(pair: Pair, channel: str) -> None:
    await pair.a.publish(channel, b"1")


async def test_what_was_sent_before_is_not_heard(pair: Pair, channel: str) -> None:
    await pair.a.publish(channel, b"early")
    async with pair.a.subscribe(f"{channel}:sent") as sent:
        await pair.a.publish(f"{channel}:sent", b"")
        await following(sent)  # the early one is through as well: they arrive in order

    async with pair.b.subscribe(channel) as messages:
        await pair.a.publish(channel, b"late")

        assert await following(messages) == Message(channel, b"late")


async def test_the_longest_message_arrives_and_a_longer_one_is_refused(
    pair: Pair, channel: str
) -> None:
    body = secrets.token_bytes(MAX_BODY)

    async with pair.b.subscribe(channel) as messages:
        await pair.a.publish(channel, body)
        heard = await following(messages)
    with pytest.raises(ValueError, match="at most"):
        await pair.a.publish(channel, body + b"x")

    assert heard == Message(channel, body)


@pytest.mark.parametrize("wrong", ["", "a b", "한글", "a\nb", "x" * 201])
async def test_a_channel_that_is_none_is_refused(pair: Pair, wrong: str) -> None:
    with pytest.raises(ValueError, match="channel"):
        await pair.a.publish(wrong, b"")


async def test_a_listener_that_falls_behind_is_told_of_a_gap(pair: Pair, channel: str) -> None:
    async with pair.b.subscribe(channel) as messages, pair.b.subscribe(f"{channel}:end") as ended:
        for _ in range(11):
            for _ in range(100):
                await pair.a.publish(channel, b"x" * 10)
            await pair.a.publish(f"{channel}:end", b"")
            await following(ended)
        heard = await following(messages)

    assert heard == GAP


async def test_waiting_for_a_message_may_be_given_up_and_taken_up(pair: Pair, channel: str) -> None:
    async with pair.b.subscribe(channel) as messages:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await anext(messages)
        await pair.a.publish(channel, b"1")

        assert await following(messages) == Message(channel, b"1")


async def test_listeners_come_and_go_by_the_hundred(pair: Pair, channel: str) -> None:
    async def listen(number: int) -> Message | Gap:
        async with pair.b.subscribe(f"{channel}:{number}") as messages:
            await pair.a.publish(f"{channel}:{number}", b"%d" % number)
            return await following(messages)

    heard = await asyncio.gather(*(listen(number) for number in range(100)))

    assert heard == [Message(f"{channel}:{n}", b"%d" % n) for n in range(100)]


SERVERS: dict[str, Callable[[], ValkeyServer | PostgresServer]] = {
    "valkey": ValkeyServer,
    "postgresql": lambda: PostgresServer(durable=False),
}


def open_on(server: ValkeyServer | PostgresServer) -> PubSub:
    if isinstance(server, ValkeyServer):
        return open_pubsub(server.url, "")
    return open_pubsub("", server.url)


@pytest.fixture(params=list(SERVERS))
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ValkeyServer | PostgresServer]:
    made = SERVERS[request.param]()
    await asyncio.to_thread(made.start)
    yield made
    await asyncio.to_thread(made.close)


async def heard_again(pubsub: PubSub, channel: str, messages: AsyncIterator[Message | Gap]) -> bool:
    """Whether a message arrives within half a minute, sent until it does."""
    waiting = asyncio.ensure_future(anext(messages))
    for _ in range(150):
        await pubsub.publish(channel, b"again")
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        if done:
            return waiting.result() == Message(channel, b"again")
    waiting.cancel()
    return False


@pytest.mark.processes
async def test_a_server_killed_and_started_again_is_a_gap_and_then_goes_on(
    server: ValkeyServer | PostgresServer,
) -> None:
    a, b = open_on(server), open_on(server)
    async with b.subscribe("c") as messages:
        await a.publish("c", b"1")
        first = await following(messages)

        await asyncio.to_thread(server.kill)
        await a.publish("other", b"lost, and no error")
        await asyncio.to_thread(server.start)
        second = await following(messages)
        again = await heard_again(a, "c", messages)

    assert (first, second, again) == (Message("c", b"1"), GAP, True)
    await a.close()
    await b.close()


@pytest.mark.processes
async def test_who_starts_to_listen_while_the_server_is_away_is_not_held_up(
    server: ValkeyServer | PostgresServer,
) -> None:
    pubsub = open_on(server)
    await asyncio.to_thread(server.stop)

    async with asyncio.timeout(PATIENCE_S):
        async with pubsub.subscribe("c") as messages:
            await asyncio.to_thread(server.start)
            first = await following(messages)
            again = await heard_again(pubsub, "c", messages)

    assert (first, again) == (GAP, True)
    await pubsub.close()


@pytest.mark.processes
async def test_one_connection_serves_all_listeners_of_an_instance() -> None:
    with ValkeyServer() as valkey:
        pubsub = open_on(valkey)
        entered = asyncio.Event()

        async def listen(number: int) -> None:
            async with pubsub.subscribe(f"c:{number}"):
                await entered.wait()

        listening = [asyncio.create_task(listen(number)) for number in range(50)]
        async with pubsub.subscribe("c:0"):
            clients = await asyncio.to_thread(valkey.ask, "INFO", "clients")
        entered.set()
        await asyncio.gather(*listening)
        await pubsub.close()

    assert "connected_clients:2" in clients  # one that listens, and who asks


async def test_databases_of_one_valkey_hear_nothing_of_each_other(valkey_server: str) -> None:
    first = open_pubsub(valkey_server, "")
    second = open_pubsub(valkey_server.rsplit("/", 1)[0] + "/1", "")

    async with second.subscribe("apart") as messages:
        await first.publish("apart", b"theirs")
        await second.publish("apart", b"ours")
        heard = await following(messages)

    assert heard == Message("apart", b"ours")
    await first.close()
    await second.close()


async def test_a_stranger_on_our_channel_is_not_heard(postgres_server: str) -> None:
    import psycopg

    pubsub = open_pubsub("", postgres_server)
    async with pubsub.subscribe("c") as messages:
        async with await psycopg.AsyncConnection.connect(
            postgres_server, autocommit=True
        ) as stranger:
            for payload in ("", "c", "c ***", "c é"):
                await stranger.execute("select pg_notify('blogger_messages', %s)", (payload,))
        await pubsub.publish("c", b"ours")

        assert await following(messages) == Message("c", b"ours")
    await pubsub.close()


async def test_what_was_published_at_last_is_sent_before_the_end(postgres_server: str) -> None:
    leaving, staying = open_pubsub("", postgres_server), open_pubsub("", postgres_server)

    async with staying.subscribe("last") as messages:
        await leaving.publish("last", b"words")
        await leaving.close()

        assert await following(messages) == Message("last", b"words")
    await staying.close()
