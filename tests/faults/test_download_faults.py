"""A network that fails and lies: a model is fetched all the same, or nothing is installed and a sentence says why."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.models.model_server import ModelServer, fake_files, zip_of
from voicecoach.hearing import transfer, unpack, web
from voicecoach.hearing.catalogue import KNOWN, KnownModel, ModelError
from voicecoach.hearing.download import fetch, look_up, resolve
from voicecoach.hearing.models import missing_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "vosk-model-small-xx-0.1"
ZIP = zip_of(fake_files(60_000), NAME)
SHA256 = hashlib.sha256(ZIP).hexdigest()
MODEL = KnownModel(NAME, "xx", size=len(ZIP), sha256=SHA256)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setenv("no_proxy", "*")
    with ModelServer() as running:
        running.publish(f"{NAME}.zip", ZIP)
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Ü ber folder" / "models"


class Run:
    """One fetch, and what it told."""

    def __init__(self, server: ModelServer, folder: Path, model: KnownModel = MODEL, free: int = 1 << 40) -> None:
        self.progress: list[tuple[int, int | None]] = []
        self.said: list[str] = []
        self.waited: list[float] = []
        self.path: Path | None = None
        self.error: ModelError | None = None
        try:
            self.path = fetch(
                model,
                base_url=server.url,
                folder=folder,
                progress=lambda done, total: self.progress.append((done, total)),
                say=self.said.append,
                free=lambda _: free,
                wait=self.waited.append,
            )
        except ModelError as error:
            self.error = error

    def failed(self) -> ModelError:
        assert self.error is not None
        return self.error


def leftovers(folder: Path) -> list[str]:
    """What is in a folder of models, but for the lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def part_of(folder: Path) -> Path:
    return folder / f".{NAME}.zip.part"


def assert_whole(folder: Path) -> None:
    assert leftovers(folder) == [NAME]
    assert missing_parts(folder / NAME) == []
    for name, content in fake_files(60_000).items():
        assert (folder / NAME / name).read_bytes() == content


def test_a_model_is_fetched_and_installed(server: ModelServer, folder: Path) -> None:
    run = Run(server, folder)
    assert run.path == folder / NAME
    assert_whole(folder)
    assert run.progress[0] == (0, len(ZIP))
    assert run.progress[-1] == (len(ZIP), len(ZIP))
    assert [request.headers.get("Range") for request in server.zips()] == [None]
    assert run.waited == []


def test_a_cut_connection_goes_on_where_it_was_cut(server: ModelServer, folder: Path) -> None:
    server.cuts = [100_001, 50_000]
    run = Run(server, folder)
    assert_whole(folder)
    assert [request.headers.get("Range") for request in server.zips()] == [None, "bytes=100001-", "bytes=150001-"]
    assert [request.headers.get("If-Range") for request in server.zips()] == [None, '"v1"', '"v1"']
    assert sum(request.sent for request in server.zips()) == len(ZIP)
    assert len(run.waited) == 2
    assert "0.1 MB" in run.said[0]


def test_the_next_run_takes_up_what_the_last_one_kept(server: ModelServer, folder: Path) -> None:
    server.cuts = [100_000, 0, 0, 0, 0]
    first = Run(server, folder)
    assert "are kept" in str(first.failed())
    assert not first.failed().wrong
    assert part_of(folder).stat().st_size == 100_000
    assert first.waited == [1.0, 2.0, 4.0, 8.0]
    assert Run(server, folder).path
    assert server.zips()[-1].headers["Range"] == "bytes=100000-"
    assert sum(request.sent for request in server.zips()) == len(ZIP)
    assert_whole(folder)


def test_an_attempt_that_brought_something_earns_new_attempts(server: ModelServer, folder: Path) -> None:
    server.cuts = [70_000] * (len(ZIP) // 70_000)
    run = Run(server, folder)
    assert_whole(folder)
    assert len(run.waited) > 4
    assert set(run.waited) == {1.0}


def test_a_server_without_ranges_starts_over(server: ModelServer, folder: Path) -> None:
    server.ranges = False
    server.cuts = [100_000]
    Run(server, folder)
    assert_whole(folder)
    assert [(request.status, request.sent) for request in server.zips()] == [(200, 100_000), (200, len(ZIP))]
    assert server.zips()[1].headers["Range"] == "bytes=100000-"


def test_a_file_that_changed_on_the_server_starts_over(server: ModelServer, folder: Path) -> None:
    listed = KnownModel(NAME, "xx")  # no checksum could tell
    server.cuts = [100_000, 0, 0, 0, 0]
    assert Run(server, folder, listed).failed()
    server.etag = '"v2"'
    other = zip_of(fake_files(70_000), NAME)
    server.publish(f"{NAME}.zip", other)
    assert Run(server, folder, listed).path
    assert server.zips()[-1].headers["If-Range"] == '"v1"'
    assert server.zips()[-1].status == 200
    assert (folder / NAME / "README").stat().st_size == 70_000


def test_pieces_of_two_versions_are_told_by_the_checksum_and_fetched_anew(server: ModelServer, folder: Path) -> None:
    server.etag = None
    server.publish(f"{NAME}.zip", bytes(len(ZIP)))
    server.cuts = [100_000, 0, 0, 0, 0]
    assert Run(server, folder).failed()
    server.publish(f"{NAME}.zip", ZIP)
    run = Run(server, folder)
    assert "The pieces do not fit together; fetching all of it again." in run.said
    assert_whole(folder)
    assert [request.status for request in server.zips()[-2:]] == [206, 200]


def test_without_a_mark_or_a_checksum_nothing_is_taken_up(server: ModelServer, folder: Path) -> None:
    listed = KnownModel(NAME, "xx", size=len(ZIP))
    server.etag = '"v1"'.replace('"', 'W/"', 1)  # a weak ETag is none for If-Range
    server.cuts = [100_000]
    assert Run(server, folder, listed).path
    assert [request.headers.get("Range") for request in server.zips()] == [None, None]


def test_a_date_marks_a_version_where_there_is_no_etag(server: ModelServer, folder: Path) -> None:
    server.etag = None
    server.modified = "Wed, 21 Oct 2020 07:28:00 GMT"
    server.cuts = [100_000]
    assert Run(server, folder, KnownModel(NAME, "xx")).path
    assert server.zips()[-1].headers["If-Range"] == server.modified
    assert server.zips()[-1].status == 206


def test_what_came_from_another_address_is_not_taken_up(server: ModelServer, folder: Path) -> None:
    server.cuts = [100_000, 0, 0, 0, 0]
    assert Run(server, folder).failed()
    with ModelServer() as mirror:
        mirror.publish(f"{NAME}.zip", ZIP)
        assert Run(mirror, folder).path
        assert "Range" not in mirror.zips()[0].headers


def test_a_range_beyond_the_end_starts_over(server: ModelServer, folder: Path) -> None:
    server.cuts = [100_000, 0, 0, 0, 0]
    assert Run(server, folder).failed()
    short = zip_of(fake_files(1_000), NAME)
    server.publish(f"{NAME}.zip", short)
    assert Run(server, folder, KnownModel(NAME, sha256=hashlib.sha256(short).hexdigest())).path
    assert [request.status for request in server.zips()[-2:]] == [416, 200]


def test_another_piece_than_was_asked_for_is_not_joined_on(server: ModelServer, folder: Path) -> None:
    server.cuts = [100_000]
    server.shift = 10
    run = Run(server, folder, KnownModel(NAME))
    assert "another piece" in run.said[1]
    assert [request.status for request in server.zips()] == [200, 206, 200]
    assert_whole(folder)


def test_a_zip_that_was_complete_before_is_not_fetched_again(server: ModelServer, folder: Path) -> None:
    unknown = KnownModel(NAME)
    folder.mkdir(parents=True)
    part_of(folder).write_bytes(ZIP)
    note = {"url": f"{server.url}/{NAME}.zip", "version": '"v1"'}
    part_of(folder).with_name(f"{part_of(folder).name}.json").write_text(json.dumps(note))
    assert Run(server, folder, unknown).path
    assert [request.status for request in server.zips()] == [416]


def test_a_wrong_checksum_installs_nothing_and_keeps_nothing(server: ModelServer, folder: Path) -> None:
    error = Run(server, folder, KnownModel(NAME, size=len(ZIP), sha256="0" * 64)).failed()
    assert "checksum" in str(error)
    assert error.wrong
    assert leftovers(folder) == []
    assert len(server.zips()) == 1


def test_a_wrong_md5_from_the_list_is_a_wrong_checksum(server: ModelServer, folder: Path) -> None:
    assert "checksum" in str(Run(server, folder, KnownModel(NAME, md5="0" * 32)).failed())
    assert leftovers(folder) == []
    good = hashlib.md5(ZIP, usedforsecurity=False).hexdigest()
    assert Run(server, folder, KnownModel(NAME, md5=good)).path


def test_a_wrong_size_is_refused_before_a_byte_is_kept(server: ModelServer, folder: Path) -> None:
    error = Run(server, folder, KnownModel(NAME, size=len(ZIP) + 1, sha256=SHA256)).failed()
    assert str(len(ZIP) + 1) in str(error)
    assert leftovers(folder) == []


def test_a_file_longer_than_it_may_be_is_thrown_away(
    server: ModelServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_MAX_BYTES", 100_000)
    server.says_length = False
    error = Run(server, folder, KnownModel(NAME)).failed()
    assert "longer" in str(error)
    assert leftovers(folder) == []
    server.says_length = True
    assert "no model is that large" in str(Run(server, folder, KnownModel(NAME)).failed())


def test_a_server_that_tells_no_length_is_believed_when_the_checksum_is_right(
    server: ModelServer, folder: Path
) -> None:
    server.says_length = False
    server.cuts = [100_000]
    assert Run(server, folder, MODEL).path
    assert_whole(folder)


def test_a_full_disk_is_told_before_anything_is_fetched(server: ModelServer, folder: Path) -> None:
    error = Run(server, folder, free=len(ZIP)).failed()
    assert "too full" in str(error)
    assert not error.wrong
    assert leftovers(folder) == []


def test_a_disk_that_fills_up_while_unpacking_keeps_the_zip(
    server: ModelServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        error = Run(server, folder).failed()
    assert "No space left" in str(error)
    assert part_of(folder).stat().st_size == len(ZIP)
    assert not (folder / NAME).exists()
    assert Run(server, folder).path
    assert len(server.zips()) == 1, "the zip was kept, so it need not be fetched again"
    assert_whole(folder)


def test_a_passing_trouble_of_the_server_is_waited_out(server: ModelServer, folder: Path) -> None:
    server.statuses = [503, 429]
    run = Run(server, folder)
    assert run.waited == [1.0, 2.0]
    assert_whole(folder)


def test_a_missing_file_is_told_at_once(server: ModelServer, folder: Path) -> None:
    run = Run(server, folder, KnownModel("no-such"))
    assert "404" in str(run.failed())
    assert run.failed().wrong
    assert run.waited == []


def test_a_forbidden_file_is_told_at_once(server: ModelServer, folder: Path) -> None:
    server.statuses = [403]
    run = Run(server, folder)
    assert "403" in str(run.failed())
    assert not run.failed().wrong
    assert run.waited == []


def test_a_silent_server_counts_as_a_cut_connection(
    server: ModelServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "TIMEOUT", 0.2)
    server.stalls = True
    server.cuts = [100_000, 0, 0, 0, 0]
    assert "does not answer" in str(Run(server, folder).failed())
    assert part_of(folder).stat().st_size == 100_000


def test_no_server_at_all_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with ModelServer() as gone:
        pass
    run = Run(gone, folder)
    assert "cannot be reached" in str(run.failed())
    assert "--from-zip" in run.failed().mend
    assert run.waited == []


@pytest.mark.parametrize("there", ["file:///etc/passwd", "ftp://127.0.0.1/x.zip", "data:text/plain,x"])
def test_a_server_may_not_send_on_to_anything_but_the_web(server: ModelServer, folder: Path, there: str) -> None:
    server.sends_on_to = there
    assert re.search("not followed|not allowed", str(Run(server, folder).failed()))
    assert leftovers(folder) == []


def test_a_protected_address_may_not_send_on_to_an_open_one() -> None:
    opener = web._Redirects()
    request = web.web_request("https://example.org/a.zip")
    with pytest.raises(ModelError, match="not followed"):
        opener.redirect_request(request, io.BytesIO(), 302, "", http.client.HTTPMessage(), "http://example.org/a.zip")


def test_a_server_may_send_on_within_the_web(server: ModelServer, folder: Path) -> None:
    server.sends_on_to = f"{server.url}/sent-on.zip"
    server.publish("sent-on.zip", ZIP)
    assert Run(server, folder).path
    assert_whole(folder)


@pytest.mark.parametrize(
    "url", ["file:///tmp", "ftp://host/models", "no address", "http://", "http://host:x/", "http://host/a\nb"]
)
def test_only_web_addresses_are_taken(folder: Path, url: str) -> None:
    with pytest.raises(ModelError, match="no http or https address") as caught:
        fetch(MODEL, base_url=url, folder=folder, progress=lambda *_: None, say=lambda _: None)
    assert caught.value.wrong


def test_a_zip_that_is_none_is_thrown_away(server: ModelServer, folder: Path) -> None:
    server.publish(f"{NAME}.zip", b"<html>Please log in to the hotel's network</html>")
    error = Run(server, folder, KnownModel(NAME)).failed()
    assert "not a zip" in str(error)
    assert leftovers(folder) == []


def test_two_runs_do_not_disturb_each_other(server: ModelServer, folder: Path) -> None:
    with unpack.exclusive(folder):
        error = Run(server, folder).failed()
        assert f"process {os.getpid()}" in str(error)
        assert not error.wrong
        assert server.requests == []
    assert Run(server, folder).path


def test_a_broken_installation_is_replaced(server: ModelServer, folder: Path) -> None:
    (folder / NAME / "am").mkdir(parents=True)
    assert Run(server, folder).path
    assert_whole(folder)


def test_a_folder_that_may_not_be_written_is_told(server: ModelServer, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    assert "Writing to" in str(Run(server, blocked / "models").failed())


ENTRY = {"name": NAME, "size": 12_345_678, "md5": "AB" * 16, "lang": "xx", "obsolete": "false"}


class TestTheList:
    """The publisher's ``model-list.json``: sizes and MD5 sums of models we know nothing more about."""

    def test_gives_size_and_md5(self, server: ModelServer) -> None:
        server.publish("model-list.json", json.dumps([{"name": "other"}, ENTRY]).encode())
        assert look_up(NAME, base_url=server.url) == KnownModel(NAME, "xx", 12, size=12_345_678, md5="ab" * 16)
        assert look_up("nothing", base_url=server.url) is None

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"<html>",
            b"{}x",
            b"[1]",
            b"\xff",
            b"null",
            b'[{"name": "%s"}]',
            b'[{"name":"%s","size":-1,"md5":"x"}]',
            b"[" * 9999,
        ],
    )
    def test_that_makes_no_sense_is_told(self, server: ModelServer, text: bytes) -> None:
        server.publish("model-list.json", text.replace(b"%s", NAME.encode()))
        with pytest.raises(ModelError, match="makes no sense"):
            look_up(NAME, base_url=server.url)

    def test_is_not_needed_where_the_checksum_is_known(self, server: ModelServer) -> None:
        small = "vosk-model-small-en-us-0.15"
        assert resolve(small, base_url=server.url, say=print) is KNOWN[small]
        assert resolve(NAME, base_url=server.url, sha256="AB" * 32, say=print).sha256 == "ab" * 32
        assert server.requests == []

    def test_out_of_reach_leaves_a_known_model_without_checksum_and_says_so(self, server: ModelServer) -> None:
        said: list[str] = []
        german = resolve("vosk-model-small-de-0.15", base_url=server.url, say=said.append)
        assert german is KNOWN["vosk-model-small-de-0.15"]
        assert "checksum of vosk-model-small-de-0.15 is unknown" in said[0]
        with pytest.raises(ModelError, match="cannot be read"):
            resolve(NAME, base_url=server.url, say=said.append)

    def test_without_the_name_is_a_mistake(self, server: ModelServer) -> None:
        server.publish("model-list.json", b"[]")
        for name in (NAME, "../x", "a/b", "", "shipped", "..", ".x"):
            with pytest.raises(ModelError) as caught:
                resolve(name, base_url=server.url, say=print)
            assert caught.value.wrong
