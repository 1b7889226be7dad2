from hypothesis import given
from hypothesis import strategies as st

from app.ops.proof.domain import Kind, Line, Report, most_frequent, odd_ones, pairs_of


def test_three_instances_are_asked_in_every_ordered_pair():
    pairs = pairs_of(["a", "b", "c"])

    assert sorted(pairs) == [("a", "b"), ("a", "c"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "b")]


def test_one_alone_is_paired_with_itself():
    assert pairs_of(["a"]) == [("a", "a")]


@given(st.integers(min_value=6, max_value=40))
def test_many_instances_are_asked_in_a_ring_that_everybody_is_part_of(count: int):
    names = [str(n) for n in range(count)]

    pairs = pairs_of(names)

    assert len(pairs) == count
    assert {source for source, _ in pairs} == {observer for _, observer in pairs} == set(names)


def test_the_odd_one_is_who_differs_from_most():
    assert odd_ones({"a": "x", "b": "y", "c": "x"}) == ["b"]


def test_of_two_that_differ_the_second_is_named():
    assert odd_ones({"a": "x", "b": "y"}) == ["b"]


def test_nobody_is_odd_where_all_agree():
    assert odd_ones({"a": "x", "b": "x"}) == []
    assert odd_ones({}) == []


def test_who_is_in_most_failing_pairs_is_at_fault():
    assert most_frequent([("a", "b"), ("b", "a"), ("c", "b"), ("b", "c")]) == ("b",)


def test_a_line_that_was_not_asked_is_no_failure_and_no_proof():
    report = Report(("a",), (Line(Kind.JOB, "a", "a", None),), 0.1)

    assert not report.passed
    assert report.failed_kinds() == set()


def test_a_proof_of_nothing_is_none():
    assert not Report((), (), 0.0).passed


def test_one_instance_alone_proves_nothing_however_well_it_works():
    alone = Report(("a",), (Line(Kind.JOB, "a", "a", passed=True),), 0.1)
    two = Report(("a", "b"), (Line(Kind.JOB, "a", "b", passed=True),), 0.1)

    assert not alone.passed
    assert alone.failed_kinds() == set()
    assert two.passed
