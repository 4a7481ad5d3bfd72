"""A flag that work asks for, or is interrupted by."""

from wyoming_servers.cancellation import Cancellation


def test_it_is_asked() -> None:
    """It is not cancelled at first, and then for good."""
    cancellation = Cancellation()
    assert not cancellation()
    cancellation.cancel()
    cancellation.cancel()
    assert cancellation()


def test_it_interrupts_what_runs() -> None:
    """Only what is inside its context when it happens, or comes after."""
    cancellation, stopped = Cancellation(), []
    with cancellation.stopping(lambda: stopped.append("before")):
        pass
    with cancellation.stopping(lambda: stopped.append("during")):
        assert stopped == []
        cancellation.cancel()
        assert stopped == ["during"]
    with cancellation.stopping(lambda: stopped.append("after")):
        assert stopped == ["during", "after"]
