"""The history, and what a crash leaves of it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_memory.core.compact import Moved
from agent_memory.core.history import Author, Commit, Plan, Record
from agent_memory.core.snapshot import Change, Snapshot
from agent_memory.errors import StorageError
from agent_memory.storage import _fs
from agent_memory.storage.directory import DirectoryStorage
from agent_memory.storage.journal import Journal

Putting = Callable[..., Callable[[Snapshot, Iterable[Record]], Plan]]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def journal(root: Path) -> Journal:
    root.mkdir()
    journal = Journal(str(root), str(root / ".agent-memory"))
    journal.prepare()
    return journal


def intend(journal: Journal, *changes: Change) -> None:
    """What a process does that dies before it touches the first file."""
    journal.begin(Commit("c1", NOW, "tester", "put", "m", tuple(c.path for c in changes)), changes)


def intent(root: Path) -> Path:
    return root / ".agent-memory" / "journal" / "intent.json"


def set_aside(root: Path) -> Path:
    return intent(root).with_name("intent.json.unreadable")


def temporary(root: Path) -> list[str]:
    return [path.name for path in (root / ".agent-memory" / "tmp").iterdir()]


def test_the_state_folder_keeps_itself_out_of_version_control(journal: Journal, root: Path) -> None:
    assert (root / ".agent-memory" / ".gitignore").read_bytes() == b"*\n"
    journal.prepare()
    assert (root / ".agent-memory" / ".gitignore").read_bytes() == b"*\n"


def test_what_a_first_writer_takes_away_while_another_sweeps_is_no_fault(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = _fs.listdir
    monkeypatch.setattr(_fs, "listdir", lambda path: [*listed(path), "ignore-1.part"])
    journal.recover()


def test_two_first_writers_may_prepare_at_once(
    journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_memory.storage._fs.exists", lambda path: False)
    journal.prepare()
    assert (root / ".agent-memory" / ".gitignore").read_bytes() == b"*\n"


def test_the_contents_are_on_disk_before_the_intent_that_names_them(
    journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sync of the folder makes the names of the images and of the intent durable."""
    steps: list[str] = []
    create, rename, sync = _fs.create, _fs.rename, _fs.sync_directory

    def kind(path: str) -> str:
        name = Path(path).name
        return name if name.startswith(("intent", "journal")) else "an image"

    def created(path: str, data: bytes, mode: int, sync: bool) -> None:
        steps.append(f"write {kind(path)}{', synced' if sync else ''}")
        create(path, data, mode, sync=sync)

    def renamed(source: str, target: str) -> None:
        steps.append(f"name {kind(target)}")
        rename(source, target)

    def synced(path: str) -> None:
        steps.append(f"sync {kind(path)}")
        sync(path)

    monkeypatch.setattr(_fs, "create", created)
    monkeypatch.setattr(_fs, "rename", renamed)
    monkeypatch.setattr(_fs, "sync_directory", synced)
    one, other = Change("a.md", b"old\n", b"new\n"), Change("b.md", b"was\n", b"is\n")
    intent_itself = ["write intent.part, synced", "name intent.json", "sync journal"]
    intend(journal, one, other)
    assert steps == ["write an image, synced", "name an image"] * 4 + intent_itself


def test_a_single_file_holds_its_new_version_itself(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what it replaces has to be on the disk before."""
    synced: dict[bytes, bool] = {}

    def created(path: str, data: bytes, mode: int, sync: bool = True) -> None:
        synced[data] = sync
        create(path, data, mode, sync=sync)

    create = _fs.create
    monkeypatch.setattr(_fs, "create", created)
    intend(journal, Change("a.md", b"old\n", b"new\n"))
    assert (synced[b"old\n"], synced[b"new\n"]) == (True, False)


def test_every_field_of_a_commit_comes_back(journal: Journal, root: Path) -> None:
    commit = Commit(
        id="c1",
        time=NOW,
        actor="ann@host",
        operation="remember",
        message="remember “caf\udce9 \n”",
        changed=("a.md", "latin-\udce9.md"),
        entry="0123456789",
        moved=(Moved("Old", "old.md", 3, 7, 120, 12, "over budget"),),
        notices=("over budget",),
        source="user",
        process=42,
        session="s1",
        undoes="c0",
    )
    changes = [Change("a.md", None, b"\xff\n"), Change("latin-\udce9.md", b"x", None)]
    journal.done(commit, journal.begin(commit, changes))
    (record,) = journal.log.records()
    assert record.commit == commit
    assert dict(record.before) == {"a.md": None, "latin-\udce9.md": b"x"}
    assert dict(record.after) == {"a.md": b"\xff\n", "latin-\udce9.md": None}


def test_an_intent_that_nothing_was_done_about_is_finished(journal: Journal, root: Path) -> None:
    (root / "b.md").write_bytes(b"old\n")
    (root / "c.md").write_bytes(b"gone\n")
    intend(
        journal,
        Change("new/a.md", None, b"a\n"),
        Change("b.md", b"old\n", b"new\n"),
        Change("c.md", b"gone\n", None),
    )
    journal.recover()
    assert (root / "new/a.md").read_bytes() == b"a\n"
    assert (root / "b.md").read_bytes() == b"new\n"
    assert not (root / "c.md").exists()
    assert not intent(root).exists()
    assert [record.commit.id for record in journal.log.records()] == ["c1"]


def test_an_intent_is_taken_back_where_somebody_has_written_since(
    journal: Journal, root: Path
) -> None:
    (root / "a.md").write_bytes(b"new\n")  # this one was done
    (root / "b.md").write_bytes(b"theirs\n")
    intend(journal, Change("a.md", b"old\n", b"new\n"), Change("b.md", b"old\n", b"new\n"))
    journal.recover()
    assert (root / "a.md").read_bytes() == b"old\n"
    assert (root / "b.md").read_bytes() == b"theirs\n"
    assert list(journal.log.records()) == []
    assert not intent(root).exists()


def taken_over(path: Path, how: str) -> None:
    """Put something in place of a file, or of a folder above it, that is no file of the memory."""
    outside = path.parents[2] / "outside"
    outside.mkdir()
    (outside / "c.md").write_bytes(b"old\n")
    if how == "a link that points out":
        path.parent.mkdir()
        path.symlink_to(outside / "c.md")
    elif how == "a link that leads nowhere outside":
        path.parent.mkdir()
        path.symlink_to(outside / "none.md")
    elif how == "a folder that points out":
        path.parent.symlink_to(outside)
    elif how == "a directory":
        path.mkdir(parents=True)
    elif how == "below a file":
        path.parent.write_bytes(b"theirs\n")
    elif how == "a link to itself":
        path.parent.mkdir()
        path.symlink_to(path.name)
    else:
        path.parent.mkdir()
        path.write_bytes(b"old\n")


TAKEN = [
    "a link that points out", "a link that leads nowhere outside", "a folder that points out",
    "a directory", "below a file", "a link to itself",
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"), [(b"old\n", b"new\n"), (b"old\n", None), (None, b"new\n")]
)
@pytest.mark.parametrize("how", TAKEN)
def test_an_intent_about_what_is_no_file_any_more_is_taken_back(
    how: str, before: bytes | None, after: bytes | None, journal: Journal, root: Path
) -> None:
    (root / "a.md").write_bytes(b"new\n")
    (root / "d.md").write_bytes(b"old\n")
    changes = [
        Change("a.md", b"old\n", b"new\n"),
        Change("b/c.md", before, after),
        Change("d.md", b"old\n", b"new\n"),
        Change("e.md", None, b"new\n"),
    ]
    intend(journal, *changes)
    taken_over(root / "b" / "c.md", how)
    seen = sorted(path.name for path in root.rglob("*") if ".agent-memory" not in path.parts)
    journal.recover()
    assert sorted(p.name for p in root.rglob("*") if ".agent-memory" not in p.parts) == seen
    assert (root / "a.md").read_bytes() == (root / "d.md").read_bytes() == b"old\n"
    assert [path.name for path in (root.parent / "outside").iterdir()] == ["c.md"]
    assert (root.parent / "outside" / "c.md").read_bytes() == b"old\n"
    assert not intent(root).exists()
    assert list(journal.log.records()) == []
    assert temporary(root) == []


@pytest.mark.parametrize(
    "path", ["../out.md", "../empty/out.md", "/etc/none.md", "a/../../out.md", "a/../b.md"]
)
def test_an_intent_about_a_file_elsewhere_is_given_up(
    path: str, journal: Journal, root: Path
) -> None:
    (root / "a").mkdir()
    (root.parent / "empty").mkdir()
    intend(journal, Change(path, None, b"x\n"))
    journal.recover()
    assert sorted(p.name for p in root.parent.iterdir()) == ["empty", "memory"]
    assert sorted(p.name for p in root.iterdir()) == [".agent-memory", "a"]
    assert not intent(root).exists()


@pytest.mark.parametrize("path", ["", "a\0b.md", None, 5])
def test_an_intent_about_what_is_no_path_is_set_aside(
    path: object, journal: Journal, root: Path
) -> None:
    intend(journal, Change("a.md", None, b"x\n"))
    document = json.loads(intent(root).read_bytes())
    document["changes"][0]["path"] = path
    intent(root).write_text(json.dumps(document))
    journal.recover()
    assert not (root / "a.md").exists()
    assert set_aside(root).exists()


def test_a_file_that_we_may_not_read_any_more_is_left_alone(
    journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.md").write_bytes(b"new\n")
    (root / "b.md").write_bytes(b"old\n")
    intend(journal, Change("a.md", b"old\n", b"new\n"), Change("b.md", b"old\n", b"new\n"))
    read = _fs.read_below

    def refusing(base: str, path: str, alone: bool = False) -> object:
        if path == "b.md":
            raise PermissionError(13, "Permission denied")
        return read(base, path, alone)

    monkeypatch.setattr(_fs, "read_below", refusing)
    journal.recover()
    assert (root / "a.md").read_bytes() == (root / "b.md").read_bytes() == b"old\n"
    assert not intent(root).exists()


def test_who_writes_while_an_intent_is_finished_has_it_taken_back(
    journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come after the look at all files, and before the second is replaced."""
    for name in ("a.md", "b.md"):
        (root / name).write_bytes(b"old\n")
    intend(journal, Change("a.md", b"old\n", b"new\n"), Change("b.md", b"old\n", b"new\n"))
    put, theirs = _fs.exchange_below, iter([b"theirs\n"])

    def meanwhile(source: str, base: str, path: str) -> None:
        put(source, base, path)
        for data in theirs:
            (root / "b.md").write_bytes(data)

    monkeypatch.setattr(_fs, "exchange_below", meanwhile)
    journal.recover()
    assert (root / "a.md").read_bytes() == b"old\n"
    assert (root / "b.md").read_bytes() == b"theirs\n"
    assert list(journal.log.records()) == []
    assert not intent(root).exists()


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("call", ["read_below", "create", "exchange_below", "sync_below"])
@pytest.mark.parametrize("how", ["a directory", "a file"])
def test_a_disk_that_refuses_while_recovering_keeps_the_intent(
    how: str,
    call: str,
    number: int,
    journal: Journal,
    root: Path,
    storage: DirectoryStorage,
    author: Author,
    putting: Putting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (root / "a.md").write_bytes(b"new\n")
    (root / "d.md").write_bytes(b"old\n")
    intend(
        journal,
        Change("a.md", b"old\n", b"new\n"),
        Change("b/c.md", b"old\n", b"new\n"),
        Change("d.md", b"old\n", b"new\n"),
    )
    (root / ".agent-memory" / "lock").touch()
    taken_over(root / "b" / "c.md", how)

    def failing(*args: object, **options: object) -> object:
        raise OSError(number, "it refuses")

    with monkeypatch.context() as patch:
        patch.setattr(_fs, call, failing)
        with pytest.raises(StorageError, match="it refuses") as caught:
            storage.commit(putting({"next.md": b"next\n"}), author)
    assert caught.value.errno == number
    assert intent(root).exists()
    storage.commit(putting({"next.md": b"next\n"}), author)
    expected = b"new\n" if how == "a file" else b"old\n"
    assert (root / "a.md").read_bytes() == (root / "d.md").read_bytes() == expected
    assert not intent(root).exists()


def test_a_new_file_that_is_taken_back_leaves_no_folder(journal: Journal, root: Path) -> None:
    (root / "new").mkdir()
    (root / "new" / "a.md").write_bytes(b"a\n")
    (root / "b.md").write_bytes(b"theirs\n")
    intend(journal, Change("b.md", b"old\n", b"new\n"), Change("new/a.md", None, b"a\n"))
    journal.recover()
    assert not (root / "new").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1}', b"\xff", b"null"]
)
def test_an_unreadable_intent_is_set_aside(content: bytes, journal: Journal, root: Path) -> None:
    (root / "a.md").write_bytes(b"a\n")
    intent(root).write_bytes(content)
    journal.recover()
    assert not intent(root).exists()
    assert set_aside(root).read_bytes() == content
    assert (root / "a.md").read_bytes() == b"a\n"


@pytest.mark.parametrize("kind", ["socket", "fifo", "link to nowhere", "directory"])
def test_what_is_no_file_in_place_of_the_intent_is_set_aside(
    kind: str, journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "socket":
        monkeypatch.chdir(intent(root).parent)  # the name of a socket must be short
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(intent(root).name)
    elif kind == "fifo":
        os.mkfifo(intent(root))
    elif kind == "directory":
        intent(root).mkdir()
    else:
        intent(root).symlink_to("nowhere")
    journal.recover()
    assert not os.path.lexists(intent(root))
    assert os.path.lexists(set_aside(root))


def forget_images(journal: Journal) -> None:
    """What a power cut may do to names that were not synced yet."""
    for image in journal.images.names():
        journal.images.drop(image)


def test_an_intent_without_its_contents_is_set_aside_half_way(journal: Journal, root: Path) -> None:
    intend(journal, Change("a.md", None, b"a\n"), Change("b.md", None, b"b\n"))
    forget_images(journal)
    (root / "a.md").write_bytes(b"a\n")
    journal.recover()
    assert (root / "a.md").exists()
    assert not (root / "b.md").exists()
    assert set_aside(root).exists()


@pytest.mark.parametrize("paths", [["a.md"], ["a.md", "b.md"]])
@pytest.mark.parametrize("is_made", [True, False])
def test_the_files_say_themselves_what_became_of_a_commit_without_contents(
    is_made: bool, paths: list[str], journal: Journal, root: Path
) -> None:
    for path in paths:
        (root / path).write_bytes(b"new\n" if is_made else b"old\n")
    intend(journal, *(Change(path, b"old\n", b"new\n") for path in paths))
    forget_images(journal)
    before = {path: (root / path).read_bytes() for path in paths}
    journal.recover()
    assert {path: (root / path).read_bytes() for path in paths} == before
    assert not intent(root).exists()
    assert not set_aside(root).exists()
    assert len(list(journal.log.records())) == is_made


def test_an_image_that_a_power_cut_filled_with_zeros_is_written_again(journal: Journal) -> None:
    name = journal.images.keep(b"content\n")
    assert name is not None
    path = Path(journal.images.folder, name)
    path.write_bytes(b"\0" * len(b"content\n"))
    assert not journal.images.has(name)
    journal.images.keep(b"content\n")
    assert path.read_bytes() == b"content\n"


def test_a_version_whose_removal_the_disk_forgot_is_removed_again(
    journal: Journal, root: Path
) -> None:
    journal.images.keep(b"old\n")
    left = root / ".agent-memory" / "tmp" / "c0-0"
    left.write_bytes(b"old\n")
    left.with_name("c0-1").write_bytes(b"kept nowhere else\n")
    journal.recover()
    assert temporary(root) == ["c0-1.swept"]
    journal.recover()
    assert temporary(root) == ["c0-1.swept"]


def test_a_disk_that_fails_for_a_moment_does_not_cost_the_intent(
    journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intend(journal, Change("a.md", None, b"a\n"))

    def failing(path: str) -> object:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("agent_memory.storage._fs.read", failing)
        with pytest.raises(OSError, match="Input/output"):
            journal.recover()
    journal.recover()
    assert (root / "a.md").read_bytes() == b"a\n"


def test_what_a_crash_left_in_the_temporary_folder_is_cleared(journal: Journal, root: Path) -> None:
    (root / ".agent-memory" / "tmp" / "c1-0.part").write_bytes(b"half")
    journal.recover()
    assert temporary(root) == []


def commits_of(root: Path) -> list[Path]:
    return sorted((root / ".agent-memory" / "journal").glob("0*.json"))


@pytest.fixture
def three(storage: DirectoryStorage, author: Author, putting: Putting) -> list[str]:
    """Three commits on one file; returns their ids, the oldest first."""
    ids = []
    for number in (1, 2, 3):
        edit = putting({"MEMORY.md": b"%d\n" % number}, f"number {number}")
        ids.append(storage.commit(edit, author).id)
    return ids


def test_the_newest_record_comes_first(storage: DirectoryStorage, three: list[str]) -> None:
    records = list(storage.history())
    assert [record.commit.id for record in records] == three[::-1]
    assert [record.commit.message for record in records] == ["number 3", "number 2", "number 1"]
    assert records[0].before["MEMORY.md"] == b"2\n"
    assert records[2].before["MEMORY.md"] is None
    assert [record.commit.time.minute for record in records] == sorted(
        (record.commit.time.minute for record in records), reverse=True
    )


def test_the_history_can_be_gone_through_again(storage: DirectoryStorage, three: list[str]) -> None:
    history = storage.history()
    assert next(iter(history)).commit.id == three[2]
    assert [record.commit.id for record in history] == three[::-1]
    assert [record.commit.id for record in history] == three[::-1]


@pytest.mark.parametrize(
    "content",
    ["", "{}", '{"version": 1, "commit": {"id": "x"}}', "nonsense", "[" * 100_000, "1e999"],
)
def test_an_unreadable_record_is_passed_over(
    content: str, storage: DirectoryStorage, root: Path, three: list[str]
) -> None:
    middle = commits_of(root)[1]
    middle.write_text(content)
    assert [record.commit.id for record in storage.history()] == [three[2], three[0]]


WRONG: list[object] = [None, 5, 1e999, "", "\0", "\ud800", "2026-03-01", [], [7], {}, {"a": 7}]


@pytest.mark.parametrize("name", ["number", "files", "weight", "since"])
def test_a_damaged_head_costs_neither_the_history_nor_the_next_commit(
    name: str,
    storage: DirectoryStorage,
    root: Path,
    three: list[str],
    author: Author,
    putting: Putting,
) -> None:
    head = root / ".agent-memory/journal/head.json"
    known = list(three)
    for value in [*WRONG, -7, {"MEMORY.md": ""}, {"\0": "a"}]:
        head.write_text(json.dumps(json.loads(head.read_bytes()) | {name: value}))
        known.append(storage.commit(putting({"MEMORY.md": os.urandom(4)}), author).id)
        ours = [one.commit.id for one in storage.history() if one.commit.operation == "put"]
        assert ours == known[::-1], value


@pytest.mark.parametrize("place", ["commit", "changes", "time", "message", "path", "before"])
def test_a_record_with_a_wrong_value_stops_nobody(
    place: str,
    storage: DirectoryStorage,
    root: Path,
    three: list[str],
    author: Author,
    putting: Putting,
) -> None:
    newest = commits_of(root)[2]
    good = newest.read_bytes()
    for value in WRONG:
        document = json.loads(good)
        inside = {"time": "commit", "message": "commit"}.get(place)
        row = document["changes"][0]
        (document[inside] if inside else row if place in row else document)[place] = value
        newest.write_text(json.dumps(document))
        for record in storage.history():
            assert not record.kept or dict(record.before).keys() == dict(record.after).keys()
        assert {record.commit.id for record in storage.history()} >= set(three[:2])
        storage.commit(putting({"MEMORY.md": os.urandom(4)}), author)
        (root / "MEMORY.md").write_text("- to be purged\n")
        storage.purge("to be purged", author)


def test_a_record_whose_contents_are_gone_says_so(
    storage: DirectoryStorage, root: Path, three: list[str]
) -> None:
    newest = commits_of(root)[2]
    image = json.loads(newest.read_bytes())["changes"][0]["after"]
    newest.with_name(image).unlink()
    records = list(storage.history())
    assert [record.commit.id for record in records] == three[::-1]
    assert [record.kept for record in records] == [False, True, True]
    assert records[0].before["MEMORY.md"] == b"2\n"
    with pytest.raises(KeyError):
        records[0].after["MEMORY.md"]


@pytest.mark.parametrize("damage", [b"", b"X\n", b"longer than it was\n"])
def test_a_damaged_content_counts_as_gone_and_is_kept_anew_when_it_is_met_again(
    damage: bytes,
    storage: DirectoryStorage,
    root: Path,
    three: list[str],
    author: Author,
    putting: Putting,
) -> None:
    newest = commits_of(root)[2]
    image = newest.with_name(json.loads(newest.read_bytes())["changes"][0]["after"])
    image.write_bytes(damage)
    assert [record.kept for record in storage.history()] == [False, True, True]
    storage.commit(putting({"MEMORY.md": b"4\n"}), author)
    assert [record.kept for record in storage.history()] == [True] * 4
    assert image.read_bytes() == b"3\n"


@pytest.mark.parametrize("kind", ["fifo", "directory", "link to nowhere"])
def test_what_is_no_file_among_the_contents_stops_neither_purge_nor_doctor(
    kind: str, storage: DirectoryStorage, root: Path, three: list[str], author: Author
) -> None:
    newest = commits_of(root)[2]
    image = newest.with_name(json.loads(newest.read_bytes())["changes"][0]["before"])
    image.unlink()
    if kind == "fifo":
        os.mkfifo(image)
    elif kind == "directory":
        image.mkdir()
    else:
        image.symlink_to("nowhere")
    (root / "MEMORY.md").write_text("- to be purged\n")
    storage.purge("to be purged", author)
    assert (root / "MEMORY.md").read_text() == ""
    assert "DR011" in [finding.code for finding in storage.examine()]


def test_the_order_holds_past_any_number_of_digits(
    storage: DirectoryStorage,
    root: Path,
    author: Author,
    putting: Putting,
    three: list[str],
) -> None:
    newest = commits_of(root)[2]
    newest.rename(newest.with_name("999999999.json"))
    newest.with_name("head.json").unlink()
    last = storage.commit(putting({"MEMORY.md": b"4\n"}), author)
    assert [record.commit.id for record in storage.history()] == [last.id, *three[::-1]]
    assert newest.with_name("1000000000.json").exists()


def test_a_memory_without_a_state_folder_has_no_history(
    storage: DirectoryStorage, root: Path, three: list[str]
) -> None:
    shutil.rmtree(root / ".agent-memory")
    assert list(storage.history()) == []


def test_a_commit_whose_new_version_the_disk_forgot_is_not_kept(journal: Journal) -> None:
    rows = journal.begin(
        commit := Commit("c1", NOW, "tester", "put", "m", ("a.md",)),
        [Change("a.md", b"old\n", b"new\n")],
    )
    journal.done(commit, rows)
    (record,) = journal.log.records()
    assert record.kept
    Path(journal.images.folder, rows[0].after or "").write_bytes(b"")
    (record,) = journal.log.records()
    assert not record.kept
    assert dict(record.before) == {"a.md": b"old\n"}
