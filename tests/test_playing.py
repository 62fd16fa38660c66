"""A loudspeaker that goes and comes back: what is told, when it is tried again, and that time stands still meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from voicecoach.playing import Playing, SpeakerFound, SpeakerLost
from voicecoach.ports import DeviceError, Fill, HungError
from voicecoach.speech.mixer import Mixer

RATE, BLOCK = 48_000, 960


class Box:
    """A loudspeaker that pulls when the test says so."""

    rate, block, live, audible = RATE, BLOCK, True, True

    will_not_start = False

    def __init__(self) -> None:
        self.lost = False
        self.closed = 0
        self.fill: Fill | None = None

    def start(self, fill: Fill) -> None:
        if self.will_not_start:
            raise DeviceError("The loudspeaker does not start.")
        self.fill = fill

    def pull(self) -> None:
        assert self.fill
        self.fill(np.zeros(BLOCK, np.float32))

    def pump(self) -> None: ...

    def close(self) -> None:
        self.closed += 1
        self.lost = False  # what is closed says nothing of itself


class Shop:
    """Where loudspeakers are opened: ``stock`` holds what is there, nothing where none is plugged in."""

    def __init__(self) -> None:
        self.first = Box()
        self.stock: list[Box] = []
        self.hung = False
        self.now = 100.0
        self.log: list[str] = []
        self.mixer = Mixer(RATE, BLOCK)
        self.playing = Playing(
            self.first,
            self.mixer,
            reopen=self.open,
            alone=self.alone,
            clock=lambda: self.now,
            begin=lambda work: work(),
        )
        self.playing.start()
        self.first.pull()

    def open(self) -> Box:
        self.log.append("open")
        if self.hung:
            raise HungError
        if not self.stock:
            raise DeviceError("There is no loudspeaker on this machine.")
        return self.stock.pop(0)

    @contextmanager
    def alone(self) -> Iterator[None]:
        self.log.append("alone")
        try:
            yield
        finally:
            self.log.append("together")

    def wait(self, seconds: float, *, in_need: bool = False) -> list[SpeakerLost | SpeakerFound]:
        found = []
        for _ in range(round(seconds / 0.25)):
            self.now += 0.25
            if (news := self.playing.look(in_need=in_need)) is not None:
                found.append(news)
        return found


def test_one_that_plays_is_no_news() -> None:
    shop = Shop()
    assert shop.wait(60) == []
    assert shop.log == []


def test_a_moment_of_standing_still_is_no_loss() -> None:
    shop = Shop()
    shop.first.lost = True
    assert shop.wait(1.75) == []
    shop.first.lost = False
    assert shop.wait(5) == []
    assert shop.log == []


def test_one_that_is_lost_is_told_once_tried_again_and_told_when_it_plays() -> None:
    shop = Shop()
    shop.first.lost = True
    (lost,) = shop.wait(6.0)
    assert isinstance(lost, SpeakerLost)
    assert "unplugged" in lost.reason
    assert shop.playing.lost
    tries = shop.log.count("open")
    assert 1 <= tries <= 3, "every two seconds, not at each look"
    another = Box()
    shop.stock.append(another)
    assert shop.wait(2.0) == [], "opened, and nothing was pulled yet"
    assert shop.playing.speaker is another
    stood = shop.mixer.position
    another.pull()
    assert shop.mixer.position == stood + BLOCK, "the same sound goes on"
    (found,) = shop.wait(0.25)
    assert isinstance(found, SpeakerFound)
    assert found.seconds == pytest.approx(8.25, abs=0.5)
    assert not shop.playing.lost
    assert shop.log[:3] == ["alone", "open", "together"], "nobody else uses a card meanwhile"
    assert shop.first.closed
    assert shop.wait(60) == []


def test_time_stands_still_but_for_somebody_in_need() -> None:
    shop = Shop()
    shop.first.lost = True
    shop.wait(60)
    assert shop.mixer.position == BLOCK, "what the first one pulled"
    began = shop.now
    shop.wait(30, in_need=True)
    assert shop.mixer.position / RATE == pytest.approx(shop.now - began, abs=0.3), "as long as the clock says"
    stood = shop.mixer.position
    shop.wait(20)
    assert shop.mixer.position == stood, "and still again"
    shop.wait(10, in_need=True)
    assert (shop.mixer.position - stood) / RATE == pytest.approx(10, abs=0.3), "what it stood still is not made up for"
    another = Box()
    shop.stock.append(another)
    assert shop.wait(2.0, in_need=True) == []
    stood = shop.mixer.position
    assert shop.playing.speaker is another
    assert shop.wait(1.0, in_need=True) == [], "it is open, and does not pull yet"
    assert (shop.mixer.position - stood) / RATE == pytest.approx(1.0, abs=0.3), "so time goes on as before"
    another.pull()
    stood = shop.mixer.position
    (found,) = shop.wait(0.25, in_need=True)
    assert isinstance(found, SpeakerFound)
    shop.wait(5.0, in_need=True)
    assert shop.mixer.position == stood, "from here on the loudspeaker pulls, or nobody"


def test_one_that_opens_and_never_pulls_does_not_hold_up_help() -> None:
    shop = Shop()
    shop.first.lost = True
    shop.wait(4)
    began, stood = shop.now, shop.mixer.position
    for _ in range(20):
        dumb = Box()
        shop.stock.append(dumb)
        shop.wait(3.0, in_need=True)
        dumb.lost = True
        shop.wait(3.0, in_need=True)
    assert (shop.mixer.position - stood) / RATE == pytest.approx(shop.now - began, abs=1.0)


def test_a_loudspeaker_that_may_pull_again_is_not_pulled_for() -> None:
    shop = Shop()
    shop.first.lost = True
    shop.wait(1.75, in_need=True)
    assert shop.mixer.position == BLOCK
    shop.first.lost = False
    shop.wait(5, in_need=True)
    assert shop.mixer.position == BLOCK


def test_one_that_was_opened_and_does_not_pull_is_tried_again() -> None:
    shop = Shop()
    shop.first.lost = True
    shop.wait(3)
    dumb, good = Box(), Box()
    shop.stock += [dumb, good]
    shop.wait(2.5)
    assert shop.playing.speaker is dumb
    dumb.lost = True  # three seconds after it was opened
    shop.wait(2.5)
    assert shop.playing.speaker is good
    good.pull()
    assert any(isinstance(news, SpeakerFound) for news in shop.wait(0.5))


def test_it_may_go_and_come_two_hundred_times() -> None:
    shop = Shop()
    for _ in range(200):
        box = Box()
        shop.playing.speaker.lost = True  # type: ignore[misc]
        assert [type(news) for news in shop.wait(3)] == [SpeakerLost]
        shop.stock.append(box)
        shop.wait(2.5)
        box.pull()
        assert [type(news) for news in shop.wait(0.5)] == [SpeakerFound]


def test_it_is_given_up_after_ten_minutes_and_where_nothing_opens_it_at_once() -> None:
    shop = Shop()
    shop.first.lost = True
    shop.wait(Playing.GIVE_UP - 5)
    with pytest.raises(DeviceError, match="loudspeaker has stopped"):
        shop.wait(20)
    now = [0.0]
    alone = Playing(Box(), Mixer(RATE, BLOCK), clock=lambda: now[0])
    alone.start()
    alone.speaker.lost = True  # type: ignore[misc]
    assert alone.look() is None
    now[0] = 3.0
    with pytest.raises(DeviceError, match="loudspeaker has stopped"):
        alone.look()


def test_what_fails_in_closing_the_lost_one_is_no_matter() -> None:
    shop = Shop()

    def fail() -> None:
        raise RuntimeError("driver")

    shop.first.close = fail  # type: ignore[method-assign]
    shop.first.lost = True
    shop.wait(3)
    box = Box()
    shop.stock.append(box)
    shop.wait(2.5)
    assert shop.playing.speaker is box


def test_one_that_does_not_start_is_closed_before_anybody_else_uses_a_card() -> None:
    shop = Shop()
    shop.first.lost = True
    shop.wait(3)
    dumb, good = Box(), Box()
    dumb.will_not_start = True
    dumb.close = lambda: shop.log.append("closed")  # type: ignore[method-assign]
    shop.stock += [dumb, good]
    shop.log.clear()
    shop.wait(4.5)
    assert shop.log[:4] == ["alone", "open", "closed", "together"]
    assert shop.playing.speaker is good


def test_a_sound_system_that_hangs_is_the_end_in_words_but_not_for_somebody_in_need() -> None:
    shop = Shop()
    shop.first.lost = shop.hung = True
    assert [type(news) for news in shop.wait(3, in_need=True)] == [SpeakerLost]
    stood = shop.mixer.position
    shop.wait(30, in_need=True)
    assert (shop.mixer.position - stood) / RATE == pytest.approx(30, abs=0.3), "help is sent when time is up"
    assert shop.log.count("open") == 1, "what hangs is not tried again"
    with pytest.raises(DeviceError, match="does not answer") as caught:
        shop.wait(0.25)
    assert caught.value.mend


def test_the_loop_goes_round_while_it_is_opened() -> None:
    opening, go, closed = threading.Event(), threading.Event(), threading.Event()
    another = Box()
    another.close = closed.set  # type: ignore[method-assign]

    def reopen() -> Box:
        opening.set()
        assert go.wait(20)
        return another

    now = [0.0]
    first = Box()
    playing = Playing(first, Mixer(RATE, BLOCK), reopen=reopen, clock=lambda: now[0])
    playing.start()
    first.lost = True
    news = []
    for _ in range(40):
        now[0] += 0.25
        news.append(playing.look())
    assert opening.wait(20)
    assert [type(one) for one in news if one] == [SpeakerLost]
    playing.close()
    go.set()
    assert closed.wait(20), "what is opened behind the end is closed"


def test_one_that_plays_is_opened_anew_when_somebody_asks_and_that_is_no_news() -> None:
    shop = Shop()
    another = Box()
    shop.stock.append(another)
    shop.playing.anew()
    assert shop.wait(1) == []
    assert shop.first.closed
    assert shop.playing.speaker is another
    assert shop.log == ["alone", "open", "together"]
    assert shop.wait(10) == []
    assert shop.log == ["alone", "open", "together"], "once"


def test_one_that_does_not_come_back_from_that_is_lost_and_tried_again() -> None:
    shop = Shop()
    shop.playing.anew()
    assert [type(news) for news in shop.wait(3)] == [SpeakerLost]
    another = Box()
    shop.stock.append(another)
    shop.wait(2.5)
    another.pull()
    assert [type(news) for news in shop.wait(0.5)] == [SpeakerFound]
