"""What may be asked from outside, and what a session looks like from there: the pure part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.core.calling import Calling
from tests.core.calling import menu as menu_of
from tests.core.seen import hurt, tell
from tests.core.world import World, exercise, program
from voicecoach.core.events import Command, Effect, Heard, Mode, Note
from voicecoach.record import Record, of_effect, of_event, record
from voicecoach.remote.glance import STATES, Glance, Pain
from voicecoach.remote.home_assistant import BUTTONS, Topics, discovery, event_of, in_steps, values
from voicecoach.remote.inlet import MOST_AT_ONCE, SAME, Inlet
from voicecoach.remote.lights import Shine, shine
from voicecoach.remote.lines import read_line
from voicecoach.remote.press import leads_on, meant
from voicecoach.remote.wish import FROM_AFAR, Asked, RefusedError, Wish, read_command, read_level, read_routine
from voicecoach.ways_in import Button, read_button

# --- Wishes -----------------------------------------------------------------------------------------------------------


def test_every_command_can_be_asked_for_and_from_afar_no_answer_but_yes_no_and_later() -> None:
    for command in Command:
        assert read_command(f" {command.value.upper()}\n") == Wish(command=command)
    assert {Command.PAIN, Command.EMERGENCY, Command.END} <= set(FROM_AFAR)
    assert FROM_AFAR[-3:] == (Command.YES, Command.NO, Command.LATER)
    for command in set(Command) - set(FROM_AFAR):
        with pytest.raises(RefusedError, match="answer"):
            read_command(command.value, FROM_AFAR)


@pytest.mark.parametrize("text", ["", "jump", "pause now", "p" * 100_000, "pause\x00", "<Command.PAUSE>"])
def test_what_is_no_command_is_refused_in_a_printable_sentence(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_command(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(("value", "highest", "level"), [(0, 1, 0.0), (1, 1, 1.0), ("55", 100, 0.55), (0.25, 1, 0.25)])
def test_a_volume_is_a_number_within_bounds(value: object, highest: float, level: float) -> None:
    assert read_level(value, highest) == Wish(level=level)


@pytest.mark.parametrize("value", [-0.01, 1.01, "nan", "inf", None, [], True, "1" * 1000, 10**400, "0x1"])
def test_what_is_no_volume_is_refused(value: object) -> None:
    with pytest.raises(RefusedError, match="no volume"):
        read_level(value)


def test_only_a_known_routine_can_be_asked_for() -> None:
    assert read_routine("gentle-start", ("gentle-start",)) == Wish(routine="gentle-start")
    for name in ("", "gentle", "/etc/passwd", "x" * 100_000):
        with pytest.raises(RefusedError, match="no routine"):
            read_routine(name, ("gentle-start",))


LINES = [
    (b'{"command": "pause"}', Wish(command=Command.PAUSE)),
    (b'{"command": "seven"}', Wish(command=Command.SEVEN)),
    (b'{"start": "a"}', Wish(routine="a")),
    (b'{"volume": 0.4}', Wish(level=0.4)),
    (b'{"ask": "state"}', None),
]


@pytest.mark.parametrize(("line", "wish"), LINES)
def test_a_line_is_a_wish_or_the_question(line: bytes, wish: Wish | None) -> None:
    assert read_line(line, lambda: ("a",)) == wish


BAD = [b"pause", b"{", b"[]", b"{}", b'{"command": 3}', b'{"ask": "all"}', b'{"x": "y"}', b'"pause"', b"\xff"]
BAD += [
    b"[" * 4000,
    b'{"command": "pause", "start": "a"}',
    b'{"volume": "loud"}',
    b'{"volume": NaN}',
    b'{"start": null}',
]


@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_is_refused(line: bytes) -> None:
    with pytest.raises(RefusedError):
        read_line(line, lambda: ("a",))


def test_a_source_that_sends_too_much_does_not_silence_another_nor_what_is_urgent() -> None:
    put: list[Asked] = []
    inlet = Inlet()
    with pytest.raises(RefusedError, match="not ready"):
        inlet.take(Wish(command=Command.NEXT), "mqtt")
    inlet.lead_to(put.append, lambda: 3.0)
    for _ in range(MOST_AT_ONCE):
        inlet.take(Wish(command=Command.NEXT), "mqtt")
    with pytest.raises(RefusedError, match="too many"):
        inlet.take(Wish(command=Command.NEXT), "mqtt")
    inlet.take(Wish(command=Command.PAIN), "mqtt")
    inlet.take(Wish(command=Command.NEXT), "button")
    assert len(put) >= MOST_AT_ONCE + 2
    assert all(asked.at == 3.0 for asked in put)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The machine's clock, in its only place."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_no_flood_of_one_urgent_command_stands_before_another_and_only_a_repetition_is_left_out(
    clock: list[float],
) -> None:
    put: list[Asked] = []
    inlet = Inlet()
    inlet.lead_to(put.append, lambda: 3.0)

    def commands(*asked: Command, source: str = "button") -> list[Command]:
        put.clear()
        for command in asked:
            try:
                inlet.take(Wish(command=command), source)
            except RefusedError as error:
                assert str(error) == f'"{command.value}" was given a moment ago'  # noqa: PT017 - most are not refused
        return [one.command for one in put if isinstance(one, Heard)]

    flood = [Command.PAUSE] * 100
    urgent = [Command.PAIN, Command.EMERGENCY, Command.STOP]
    assert commands(*flood, *urgent) == [Command.PAUSE, *urgent]
    assert commands(Command.PAUSE, source="mqtt") == [Command.PAUSE], "each source for itself"
    clock[0] += SAME
    assert commands(*urgent, *urgent) == urgent, "as often as a person can press"
    assert commands(Command.RESUME, Command.PAUSE, Command.RESUME, Command.STOP) == [
        *(Command.RESUME, Command.PAUSE, Command.RESUME, Command.STOP)
    ], "behind another command it is no repetition"


# --- The glance -------------------------------------------------------------------------------------------------------


def step(at: float, kind: str, seconds: float | None, exercise: str | None = "bridge") -> dict[str, Any]:
    return record(at, "step", kind=kind, exercise=exercise, set=1, rep=2, side=None, limb="left", seconds=seconds)


def say(at: float, priority: str = "talk") -> dict[str, Any]:
    return record(at, "say", utterance=1, text="…", priority=priority, loud=False)


def spoken(at: float) -> dict[str, Any]:
    return record(at, "spoken", utterance=1, finished=True)


def mode(at: float, name: str) -> dict[str, Any]:
    return record(at, "mode", mode=name)


def seen(*entries: dict[str, Any]) -> Glance:
    glance = Glance()
    for entry in entries:
        glance = glance.after(entry)
    return glance


def test_the_time_of_a_hold_runs_at_once_and_that_of_other_steps_behind_their_sentences() -> None:
    hold = seen(mode(0, "hold"), step(10, "hold", 10), say(10), spoken(11))
    assert [hold.remaining(at) for at in (10, 14.5, 20, 99)] == [10, 5.5, 0, 0]
    talk = (mode(0, "instruction"), step(10, "position", 15), say(10), spoken(12), say(12))
    assert seen(*talk).remaining(14) == 15, "the second sentence is being said"
    begun = seen(*talk, spoken(15))
    assert begun.remaining(18) == 12
    assert seen(*talk, spoken(15), say(20), spoken(22)).remaining(22) == 8, "an answer in between changes nothing"


def test_time_stands_still_in_a_pause_and_goes_on_with_what_was_left() -> None:
    paused = seen(mode(0, "rest"), step(10, "rest", 30), mode(15, "paused"), say(15), spoken(17))
    assert paused.remaining(60) == 25
    again = paused.after(mode(60, "rest")).after(step(60, "rest", 25))
    assert again.remaining(65) == 20


def test_a_count_in_belongs_to_what_it_leads_back_to_and_the_routines_own_talk_to_no_exercise() -> None:
    counted = seen(step(0, "hold", 10), step(5, "count-in", 0, None))
    assert (counted.exercise, counted.step, counted.remaining(5)) == ("bridge", "count-in", None)
    assert seen(step(0, "hold", 10), step(20, "outro", 0, None)).exercise is None
    assert seen(step(0, "work", None)).remaining(3) is None


def test_pain_is_remembered_to_the_end_and_a_false_alarm_is_none() -> None:
    pain = record(5, "note", kind="pain", exercise="bridge", set=1, rep=1, side=None, phase="hold")
    report = record(9, "note", kind="pain_report", exercise="bridge", score=4, verdict="exercise over")
    assert seen(mode(5, "pain"), pain).pain == Pain("bridge")
    assert seen(mode(5, "pain"), pain, report, record(9, "end", reason="pain")).pain == Pain(
        "bridge", 4, "exercise over"
    )
    assert seen(mode(5, "pain"), pain, record(8, "note", kind="false_alarm", exercise=None)).pain is None


def test_behind_the_end_there_is_nothing_but_the_volume() -> None:
    glance = seen(record(0, "volume", level=0.5), mode(0, "hold"), step(0, "hold", 9), record(4, "end", reason="ended"))
    assert glance == Glance(volume=0.5)
    assert not glance.runs
    assert seen(record(1, "standby", state="asking")).state == "asking"


def test_an_emergency_between_sessions_is_seen_and_is_no_session() -> None:
    glance = seen(record(1, "standby", state="emergency"))
    assert (glance.state, glance.runs) == ("emergency", False)
    assert shine("attention", glance) is Shine.QUICK
    assert shine("session", glance) is Shine.DARK
    assert seen(mode(0, "emergency")).runs


def test_hearing_and_sleeping_are_seen() -> None:
    assert not seen(record(0, "deafened")).hears
    assert [values(seen(record(0, name)), 0)["hears"] for name in ("deafened", "hearing")] == ["OFF", "ON"]
    assert seen(record(0, "deafened"), record(1, "hearing")).hears
    assert seen(record(0, "note", kind="asleep")).asleep
    assert not seen(record(0, "note", kind="asleep"), record(1, "note", kind="awake")).asleep


def test_what_remains_is_told_in_steps() -> None:
    assert [in_steps(left) for left in (30, 29.9, 25.0, 10.1, 5.01, 5, 4.2, 0.3, 0)] == [30, 30, 25, 15, 10, 5, 5, 1, 0]


# --- Home Assistant ---------------------------------------------------------------------------------------------------

REQUIRED = {
    "sensor": {"state_topic"},
    "number": {"command_topic", "state_topic", "min", "max"},
    "select": {"command_topic", "state_topic", "options"},
    "binary_sensor": {"state_topic"},
    "event": {"state_topic", "event_types"},
    "button": {"command_topic", "payload_press"},
}


def test_the_discovery_is_what_home_assistant_takes() -> None:
    """Its schema asks for device, origin and components; each needs a platform, and a unique id of its own."""
    topic, payload = discovery(Topics("home/coach"), "homeassistant", "Coach", ["b", "a"], "0.1.0")
    assert topic == "homeassistant/device/voicecoach_home_coach/config"
    found = json.loads(payload)
    assert set(found) == {
        *("device", "origin", "availability_topic", "payload_available", "payload_not_available", "qos", "components")
    }
    assert found["device"]["identifiers"] == ["voicecoach_home_coach"]
    assert found["origin"] == {"name": "voicecoach", "sw_version": "0.1.0"}
    components = found["components"]
    ids = [component["unique_id"] for component in components.values()]
    assert len(set(ids)) == len(ids)
    for component in components.values():
        assert REQUIRED[component["platform"]] <= set(component)
        assert component["name"]
        assert "retain" not in component, "a button that is kept by the broker would be pressed again"
        for name, value in component.items():
            assert not name.endswith("_topic") or value.startswith("home/coach/")
    assert components["routine"]["options"] == ["a", "b"]
    assert {c["payload_press"] for c in components.values() if c["platform"] == "button"} == {c.value for c in BUTTONS}
    assert set(BUTTONS) <= set(FROM_AFAR)
    assert Command.LATER in BUTTONS, "what the timetable asks can be put off"
    assert components["hears"]["platform"] == "binary_sensor"
    assert len({component["name"] for component in components.values()}) == len(components)


def test_whatever_the_state_and_the_events_are_home_assistant_knows_them() -> None:
    components = json.loads(discovery(Topics("c"), "h", "n", [], "1")[1])["components"]
    for name in Mode:
        told = values(seen(mode(0, name.value)), 0)
        assert told["state"] in components["state"]["options"]
    assert set(components["state"]["options"]) == set(STATES)
    for command in Command:
        kind, event = event_of(record(0, "heard", command=command.value, source="voice")) or ("", {})
        assert kind == "command"
        assert event["event_type"] in components["command_event"]["event_types"]
    assert event_of(record(0, "note", kind="skipped")) is None
    assert event_of(say(0)) is None


def of(effects: list[tuple[float, Effect]]) -> list[Record]:
    return [of_effect(at, effect, lambda line: line.key) for at, effect in effects]


def told_of(entries: list[Record]) -> list[dict[str, Any]]:
    """What is sent of it, in their order; and everything that holds can be told behind each of them."""
    components = json.loads(discovery(Topics("c"), "h", "n", [], "1")[1])["components"]
    glance, found = Glance(), []
    for entry in entries:
        glance = glance.after(entry)
        assert values(glance, entry["t"])["state"] in components["state"]["options"]
        assert glance.as_record(entry["t"])["state"] == glance.state
        for what in ("listening", "session", "attention"):
            shine(what, glance)
        if (event := event_of(entry)) is not None:
            assert event[1]["event_type"] in components[f"{event[0]}_event"]["event_types"]
            found.append(event[1])
    return found


def test_whatever_the_coach_between_sessions_does_can_be_told() -> None:
    calling = Calling(menu_of("daily 08:00 first-steps", can_alert=True))
    calling.show(8 * 60 - 1)
    calling.show(8 * 60)
    calling.wait(1)
    for word in (Command.LATER, Command.ROUTINES, Command.PAIN, Command.EMERGENCY, Command.EMERGENCY):
        calling.say(word)
        calling.wait(3)
    assert calling.notes("emergency")
    assert told_of(of(calling.effects)) == [{"event_type": "emergency", "exercise": None}]
    calling.wait(400)
    calling.say("start first steps")
    calling.wait(10)
    assert calling.standby.over
    told_of(of(calling.effects))


def in_hold() -> World:
    world = World(program(exercise("bridge"), exercise("plank")))
    world.run_to("hold")
    return world


def test_whatever_a_session_does_about_pain_and_emergencies_can_be_told() -> None:
    answered, silent, need = in_hold(), in_hold(), in_hold()
    tell(answered, 4)
    answered.wait(600)
    hurt(silent)
    silent.wait(600)
    need.say(Command.EMERGENCY)
    need.wait(600)
    expected = {"pain": "pain", "emergency": "emergency", "pain_report": "report"}
    for world, first in ((answered, ["pain", "report"]), (silent, ["pain", "report"]), (need, ["emergency"])):
        effects = [(at, effect) for at, _, effects in world.log for effect in effects]
        kinds = [effect.kind for _, effect in effects if isinstance(effect, Note)]
        told = told_of(of(effects))
        assert [one["event_type"] for one in told] == [expected[kind] for kind in kinds if kind in expected]
        assert [one["event_type"] for one in told][: len(first)] == first
        assert {one["exercise"] for one in told} == {"bridge"}


def test_what_was_heard_is_told_without_the_words() -> None:
    entry = of_event(Heard(1.0, Command.PAIN, "ouch", "voice"))
    assert entry is not None
    assert told_of([entry]) == [{"event_type": "pain", "source": "voice"}]


def test_what_is_not_known_is_none_in_home_assistants_word() -> None:
    told = values(Glance(), 0)
    assert [told[name] for name in ("routine", "remaining", "volume")] == ["None"] * 3
    assert told["exercise"] == "none", "a text is shown as it is"
    assert "pain" not in told, "what the broker keeps of the last session stays"


# --- Buttons and lights -----------------------------------------------------------------------------------------------


def test_a_button_does_a_command_or_starts_a_routine_or_toggles() -> None:
    assert read_button("17", "pause or resume") == Button(17, False, "pause or resume")
    assert read_button("4 held", "end") == Button(4, True, "end")
    assert meant("start gentle-start", Glance()) == Wish(routine="gentle-start")
    assert meant("more rest", Glance()) == Wish(command=Command.MORE_REST)


@pytest.mark.parametrize(
    ("written", "action"),
    [
        *(("Next", "next"), (" more  REST ", "more rest"), ("Pause or  Resume", "pause or resume")),
        *(("Start gentle-start", "start gentle-start"), ("start  My-Own", "start My-Own"), ("START", "start")),
    ],
)
def test_however_a_button_is_written_it_does_what_it_says(written: str, action: str) -> None:
    button = read_button("17", written)
    assert button == Button(17, False, action)
    meant(button.action, Glance())
    assert leads_on([button]) is (action == "next")


@pytest.mark.parametrize(
    ("pin", "action"),
    [
        ("28", "next"),
        ("-1", "next"),
        ("x", "next"),
        ("17 hold", "next"),
        ("17", "jump"),
        ("", "next"),
    ],
)
def test_what_is_no_button_is_refused_with_what_is_allowed(pin: str, action: str) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        read_button(pin, action)


def test_one_button_pauses_and_goes_on_and_says_ready_where_the_coach_waits_for_that() -> None:
    running = seen(mode(0, "hold"), step(0, "hold", 10))
    assert meant("pause or resume", running).command is Command.PAUSE
    assert meant("pause or resume", running.after(mode(3, "paused"))).command is Command.RESUME
    waiting = seen(mode(0, "instruction"), step(0, "intro", None, None))
    assert meant("pause or resume", waiting).command is Command.READY
    endless = seen(mode(0, "work"), step(0, "work", None))
    assert meant("pause or resume", endless).command is Command.PAUSE, "only done ends that"
    assert meant("pause or resume", seen(mode(0, "pain"))).command is Command.PAUSE


def test_somebody_is_there_only_where_buttons_can_end_all_that_waits() -> None:
    def buttons(*actions: str) -> list[Button]:
        return [Button(number, False, action) for number, action in enumerate(actions)]

    assert leads_on(buttons("next"))
    assert leads_on(buttons("ready", "done"))
    assert not leads_on(buttons("pause or resume", "ready"))


def test_what_the_lights_show() -> None:
    idle, running = Glance(), seen(mode(0, "hold"))
    paused, hurt = seen(mode(0, "paused")), seen(mode(0, "pain"))
    deaf = running.after(record(0, "deafened"))
    asleep = running.after(record(0, "note", kind="asleep"))
    shown = {
        what: [shine(what, glance) for glance in (idle, running, paused, hurt, deaf, asleep)]
        for what in ("listening", "session", "attention")
    }
    dark, steady, slow, quick = Shine.DARK, Shine.STEADY, Shine.SLOW, Shine.QUICK
    assert shown == {
        "listening": [steady, steady, steady, steady, dark, slow],
        "session": [dark, steady, slow, steady, steady, steady],
        "attention": [dark, dark, dark, quick, slow, dark],
    }
