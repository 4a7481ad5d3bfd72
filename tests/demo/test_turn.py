"""What a turn changed in the home."""

from typing import Any

from demo.turn import Change, _answered_by, _changes


def state(value: str, **attributes: Any) -> dict[str, Any]:
    """Make a state as Home Assistant sends it."""
    return {"state": value, "attributes": attributes}


def test_a_light_that_is_on_now_is_a_change() -> None:
    """Attributes that a command changes are part of it."""
    before = {"light.sala": state("off", friendly_name="Sala")}
    after = {"light.sala": state("on", friendly_name="Sala", brightness=77)}

    assert _changes(before, after) == [Change("light.sala", "off", "on (brightness 77)")]


def test_a_dimmed_light_is_a_change_though_it_stays_on() -> None:
    """The state alone would hide it."""
    before = {"light.sala": state("on", brightness=255)}
    after = {"light.sala": state("on", brightness=77)}

    (change,) = _changes(before, after)
    assert (change.before, change.after) == ("on (brightness 255)", "on (brightness 77)")


def test_entities_that_change_with_every_turn_are_left_out() -> None:
    """So are the helpers behind the devices, which would tell each change twice."""
    ids = ("stt.x", "tts.x", "conversation.x", "event.x", "input_boolean.x", "sensor.jonh_x")
    before = {entity_id: state("1") for entity_id in ids}
    after = {entity_id: state("2") for entity_id in ids}

    assert _changes(before, after) == []


def test_a_new_entity_is_no_change() -> None:
    """There is nothing to compare it with."""
    assert _changes({}, {"light.sala": state("on")}) == []


def test_who_answered_is_what_the_new_turn_event_says() -> None:
    """An event of an earlier turn says nothing of this one."""
    old = {"event.jonh": state("10:00", answered_by="model")}
    new = {"event.jonh": state("10:01", answered_by="fast_path")}

    assert _answered_by(old, new) == "fast_path"
    assert _answered_by(new, new) is None
    assert _answered_by({}, {"light.sala": state("on")}) is None
