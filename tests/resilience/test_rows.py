"""The report itself: what it prints, and that a bar can be missed."""

from benchmarks.resilience.rows import Figure, Row, Trial, measure, printed
from benchmarks.resilience.sides import Side, our_side, percentile


async def _good(side: Side) -> Figure:
    return Figure("5 ms" if side.is_ours else "60 ms", holds=True)


async def _dead(_: Side) -> Figure:
    raise RuntimeError("The server ended with 1")


async def test_both_sides_are_measured() -> None:
    """Each in its column; without a peer its column says so."""
    trial = Trial(id="L1", what="describe", bar="50 ms", run=_good)
    peer = Side(stt=our_side().stt, tts=our_side().tts, is_ours=False)
    row = await measure(trial, our_side(), peer)
    assert (row.ours, row.peer, row.holds) == ("5 ms", "60 ms", True)
    assert (await measure(trial, our_side(), None)).peer == "not run"


async def test_a_server_that_dies_misses_every_bar() -> None:
    """It is a figure like any other, and the report goes on."""
    row = await measure(Trial(id="F1", what="stop", bar="0", run=_dead), our_side(), None)
    assert not row.holds
    assert "ended with 1" in row.ours


async def test_what_this_machine_lacks_is_said() -> None:
    """A row that could not be tried does not hold."""
    trial = Trial(id="F17", what="disk", bar="0", run=_good, lacks=lambda: "root")
    row = await measure(trial, our_side(), None)
    assert (row.ours, row.holds) == ("not run: needs root", False)


def test_every_row_that_falls_short_is_repeated() -> None:
    """Below the table stands what is to be done."""
    rows = [
        Row(id="L1", what="describe", ours="5 ms", peer="2 s", bar="50 ms", holds=True),
        Row(id="F7", what="slow reader", ours="20 s", peer="never", bar="10 s", holds=False),
    ]
    lines = list(printed(rows))
    assert [line for line in lines if line.startswith("falls short")] == [
        "falls short: F7 slow reader: 20 s (bar: 10 s)"
    ]
    assert lines[-1] == "1 of 2 rows hold"


def test_percentiles() -> None:
    """So many values are not above it."""
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 95)) == (51, 100, 7)
