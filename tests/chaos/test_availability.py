"""The load generator and its judges: what is late, cut off, wrong in its body or missing must be seen."""

import asyncio
import hashlib
import json

import pytest

from bench.usl import fit, jain
from chaos.availability.asking import Connections, Lost
from chaos.availability.generator import Generator, request_of
from chaos.availability.judging import longest_gap, recovery_s, share_good, split, steady
from chaos.availability.orders import (
    Asked,
    Kind,
    Order,
    Report,
    judge,
    keyword_of,
    moment_of,
    read_order,
    read_report,
)

PAGE = b"<html>kept</html>"
DIGEST = hashlib.sha256(PAGE).hexdigest()


def kind(port: int = 1, **more) -> Kind:
    fields = {"name": "page", "share": 1.0, "judge": "page", "path": "/", "host": "localhost"}
    return Kind(port=port, **{**fields, "right": (DIGEST,), **more})


def asked(due: float, ended: float, wrong: str = "", name: str = "page", cache: str = "") -> Asked:
    return Asked(name, due, due, ended, wrong, cache)


def test_a_request_that_was_under_way_at_the_fault_met_it() -> None:
    whole, met, later = asked(1.0, 1.1), asked(1.9, 7.0, "no answer"), asked(2.5, 2.6)

    assert split([whole, met, later], fault_at=2.0) == ([whole], [met, later])


class Serving:
    """A server on loopback that answers each request by what `answers` says; None: it hangs."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.seen = 0

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def serve(self, reader, writer) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.seen += 1
                body = self.answer(self.seen)
                if body is None:
                    continue
                if body == b"":
                    break
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        except asyncio.IncompleteReadError:
            pass
        writer.close()


async def load(answer, *, per_s: float, seconds: float, **more) -> Report:
    async with Serving(answer) as server:
        generator = Generator(Order((kind(server.port, **more),), seed=7, per_s=per_s))
        asyncio.get_running_loop().call_later(seconds, generator.stop)
        await generator.run()
    return generator.report


def test_a_good_answer_is_counted_and_a_wrong_body_is_not() -> None:
    report = asyncio.run(load(lambda n: PAGE if n % 2 else b"oops", per_s=200, seconds=0.3))

    wrong = [each.wrong for each in report.asked if not each.good]
    assert wrong
    assert set(wrong) == {"another body"}
    assert 0.3 < share_good(report.asked) < 0.7


def test_who_hangs_stops_no_other_request_and_is_no_good_answer() -> None:
    report = asyncio.run(
        load(lambda n: None if n == 3 else PAGE, per_s=100, seconds=0.5, within_s=0.4)
    )

    assert [each.wrong for each in report.asked if not each.good] == ["no answer within 0.4 s"]
    assert len(report.asked) > 20


def test_a_connection_that_is_cut_is_not_tried_again() -> None:
    async def ask() -> int:
        async with Serving(lambda _: b"") as server:
            with pytest.raises(Lost):
                await Connections().ask(server.port, request_of(kind(), 1, ""), 5)
            return server.seen

    assert asyncio.run(ask()) == 1


def test_latency_counts_from_when_a_request_was_due() -> None:
    late = Asked("page", due_at=1.0, sent_at=3.0, ended_at=3.5)

    assert late.latency_s == 2.5


@pytest.mark.parametrize(
    ("status", "body", "wrong"),
    [
        (202, {"state": "queued", "keyword": keyword_of(4), "job_id": "x"}, ""),
        (202, {"state": "queued", "keyword": keyword_of(5), "job_id": "x"}, "another job"),
        (503, {"state": "queued", "keyword": keyword_of(4), "job_id": "x"}, "status 503"),
        (202, ["x"], "no such JSON"),
    ],
)
def test_an_accepted_job_is_the_one_that_was_asked_for(status, body, wrong) -> None:
    assert judge(kind(judge="job"), 4, status, json.dumps(body).encode())[0] == wrong


def test_every_edit_moves_its_article_to_another_moment() -> None:
    moments = [moment_of(n) for n in range(0, 400_000, 7)]

    assert len(set(moments)) == len(moments)
    assert moments == sorted(moments)


def test_gap_recovery_and_share_are_those_of_good_answers() -> None:
    seen = [asked(0, 0.1), asked(1, 1.1), asked(2, 2.2, "cut"), asked(3, 3.1, "cut"), asked(6, 6.1)]

    assert share_good(seen) == 0.6
    assert longest_gap(seen) == pytest.approx(5.0)
    assert recovery_s(seen, 1.5) == 1.5
    assert share_good([]) == 0.0


def test_a_steady_state_that_answers_wrongly_or_without_the_micro_cache_is_false() -> None:
    kinds = ("kept", "page", "list", "edit", "job")
    good = [asked(n / 10, n / 10, name=kinds[n % 5], cache="HIT" * (n % 5 == 0)) for n in range(10)]

    assert all(check.holds for check in steady(good, 10, 1))
    assert not all(check.holds for check in steady([*good[:9], asked(1, 1, "x")], 10, 1))
    assert not all(check.holds for check in steady(good[1:5], 10, 1))
    assert not all(check.holds for check in steady(good, 100, 1))


def test_orders_and_reports_pass_between_processes_as_they_are(tmp_path) -> None:
    order = Order((kind(),), seed=3, per_s=5.0, tag="x")
    report = Report([asked(1.0, 2.0, "cut")], 0.5)
    report.write(tmp_path / "report")

    assert read_order(order.write()) == order
    assert read_report(tmp_path / "report") == report


def test_the_law_is_found_again_in_what_it_makes() -> None:
    def rate(n: int) -> float:
        return 40 * n / (1 + 0.03 * (n - 1) + 0.002 * n * (n - 1))

    law = fit({n: rate(n) for n in (1, 2, 3, 5, 8)})

    assert law.one == pytest.approx(40)
    assert law.contention == pytest.approx(0.03)
    assert law.coherence == pytest.approx(0.002)
    assert law.peak == pytest.approx(((1 - 0.03) / 0.002) ** 0.5)


def test_a_curve_that_is_more_than_linear_has_no_negative_coefficient() -> None:
    law = fit({1: 10, 2: 21, 3: 33, 5: 56})

    assert law.contention >= 0
    assert law.coherence >= 0


def test_a_fit_needs_three_sizes() -> None:
    with pytest.raises(ValueError, match="three"):
        fit({1: 10, 2: 20})


def test_fairness_is_one_when_all_have_the_same() -> None:
    assert jain([5, 5, 5]) == 1
    assert jain([9, 0, 0]) == pytest.approx(1 / 3)
    assert jain([0, 0]) == 0
