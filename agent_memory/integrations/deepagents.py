"""A memory as a backend of Deep Agents: its files at `/memories/`, each write one commit.

    memories = CompositeBackend(StateBackend(), {"/memories/": MemoryBackend(memory)})
    create_deep_agent(model, backend=memories, memory=["/memories/MEMORY.md"])

The agent uses the file tools that it has anyway, and its memory middleware loads the index. Text
is stored exactly as given. A result of theirs has no place for advice, so what a runner would cut
is not said here; secrets and paths that escape are refused as errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from agent_memory.core import commands, paths, policy, replies
from agent_memory.core import text as texts
from agent_memory.core.commands import Refused, Target
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import AgentMemoryError, NotFoundError, UnsafePathError
from agent_memory.integrations.extras import missing
from agent_memory.memory import Memory

try:
    from deepagents.backends.protocol import (
        FILE_NOT_FOUND,
        BackendProtocol,
        DeleteResult,
        EditResult,
        FileData,
        FileDownloadResponse,
        FileInfo,
        FileUploadResponse,
        GlobResult,
        GrepResult,
        LsResult,
        ReadResult,
        WriteResult,
    )
    from deepagents.backends.utils import (
        compile_grep_include_glob,
        grep_matches_from_files,
        perform_string_replacement,
        slice_read_response,
    )
except ImportError as error:
    raise missing("deepagents", error) from error


class MemoryBackend(BackendProtocol):
    """The files of a memory, with `/` as its directory: route `/memories/` to it.

    `source` is what the history says of where the text comes from.
    """

    def __init__(self, memory: Memory, *, source: str = "agent") -> None:
        self.memory = memory
        self.source = source

    # -- reading --------------------------------------------------------------------------------

    def ls(self, path: str) -> LsResult:
        """What lies directly in a folder."""
        snapshot = self.memory.snapshot()
        inside = list(_inside(snapshot, path))
        folder = path.rstrip("/") + "/"
        entries = [_info(snapshot, at) for at in inside if "/" not in at[len(folder) :]]
        folders = {folder + at[len(folder) :].partition("/")[0] + "/" for at in inside}
        entries += [
            FileInfo(path=at, is_dir=True, size=0)
            for at in folders
            if at[:-1] not in {entry["path"] for entry in entries}
        ]
        return LsResult(entries=sorted(entries, key=lambda entry: entry["path"]))

    def read(self, file_path: str, offset: int = 0, limit: int = 2000) -> ReadResult:
        """A window of a file's lines."""
        try:
            snapshot = self.memory.snapshot()
            return slice_read_response(_data(snapshot, _there(snapshot, file_path)), offset, limit)
        except AgentMemoryError as error:
            return ReadResult(error=_said(error))

    def grep(
        self,
        pattern: str,
        path: str | None = None,
        glob: str | None = None,
        *,
        max_count: int | None = None,
    ) -> GrepResult:
        """The lines that hold a text."""
        snapshot = self.memory.snapshot()
        files: dict[str, Any] = {f"/{name}": _data(snapshot, name) for name in snapshot.files}
        return grep_matches_from_files(files, pattern, path, glob, max_count=max_count)

    def glob(self, pattern: str, path: str | None = None) -> GlobResult:
        """The files whose paths match a pattern, relative to `path`."""
        folder = (path or "/").rstrip("/") + "/"
        snapshot = self.memory.snapshot()
        try:
            is_match = compile_grep_include_glob(pattern)
            found = [at for at in _inside(snapshot, folder) if is_match(at[len(folder) :])]
        except ValueError as error:  # the pattern is none
            return GlobResult(error=str(error))
        return GlobResult(matches=[_info(snapshot, at) for at in found])

    def download_files(self, paths: list[str]) -> list[FileDownloadResponse]:
        """The bytes of files, as valid UTF-8: whoever asks decodes them without looking."""
        snapshot = self.memory.snapshot()
        return [_download(snapshot, path) for path in paths]

    # -- writing --------------------------------------------------------------------------------

    def write(self, file_path: str, content: str) -> WriteResult:
        """Make a file, or give it this text."""
        error = self._change("write", lambda draft: _store(draft, file_path, policy.whole(content)))
        return WriteResult(error=error, path=None if error else file_path)

    def edit(
        self,
        file_path: str,
        old_string: str,
        new_string: str,
        replace_all: bool = False,
    ) -> EditResult:
        """Replace a text in a file as it is when it is written."""
        done = [0]

        def edit(draft: Draft) -> None:
            name = _there(draft.snapshot, file_path)
            text, old, new = draft.snapshot.text(name), old_string, policy.whole(new_string)
            if "\r\n" in text and old not in text:  # `read` shows every line as ending in \n
                old, new = _crlf(old), _crlf(new)
            replaced = perform_string_replacement(text, old, new, replace_all)
            if isinstance(replaced, str):
                raise Refused(replaced)
            done[0] = replaced[1]
            _store(draft, file_path, replaced[0])

        error = self._change("edit", edit)
        if error:
            return EditResult(error=error)
        return EditResult(path=file_path, occurrences=done[0])

    def delete(self, file_path: str) -> DeleteResult:
        """Take out a file or a folder, with the index rows that lead there."""
        target = Target(file_path, _name(file_path).rstrip("/"))
        error = self._change("delete", lambda draft: commands.delete(draft, target))
        return DeleteResult(error=error, path=None if error else file_path)

    def upload_files(self, files: list[tuple[str, bytes]]) -> list[FileUploadResponse]:
        """Store files, one commit each."""
        return [
            FileUploadResponse(path=path, error=self.write(path, texts.decode(content)).error)
            for path, content in files
        ]

    def _change(self, operation: str, edit: Callable[[Draft], object]) -> str | None:
        """Make a commit; the error's text where there is one."""
        try:
            self.memory.change(operation, edit, self.source)
        except Refused as refused:
            return str(refused)
        except AgentMemoryError as error:
            return f"Error: {_said(error)}"
        return None


def _store(draft: Draft, path: str, text: str) -> None:
    name = _name(path)
    if paths.topic_path(name) != name:  # an ending would be added, and the agent not find the file
        raise UnsafePathError(f"{name} is of a kind not kept here", "Use a name that ends in .md")
    is_there = name in draft.snapshot.files
    expected = draft.snapshot.document(name).revision if is_there else None
    draft.write(name, text, expected)


def _there(snapshot: Snapshot, path: str) -> str:
    """The name of a file that can be read."""
    name = _name(path)
    if name in snapshot.files:
        return name
    for skipped in snapshot.skipped:
        if skipped.path == name:
            raise NotFoundError(f"{path} is not read: {skipped.reason}")
    raise NotFoundError(f"File '{path}' not found")


def _name(path: str) -> str:
    """A path relative to the memory; what is in it is looked at where it is written to."""
    return path.removeprefix("/")


def _inside(snapshot: Snapshot, folder: str) -> Iterator[str]:
    """The paths below a folder, the index first."""
    start = folder.rstrip("/") + "/"
    for name in sorted(snapshot.files, key=lambda name: (name != INDEX, name)):
        if f"/{name}".startswith(start):
            yield f"/{name}"


def _info(snapshot: Snapshot, path: str) -> FileInfo:
    return FileInfo(path=path, is_dir=False, size=len(snapshot.files[path[1:]]))


def _data(snapshot: Snapshot, name: str) -> FileData:
    return FileData(content=texts.well_formed(snapshot.text(name)), encoding="utf-8")


def _download(snapshot: Snapshot, path: str) -> FileDownloadResponse:
    name = _name(path)
    if name not in snapshot.files:  # what is there but not read must not look as if it were missing
        reasons = [skipped.reason for skipped in snapshot.skipped if skipped.path == name]
        return FileDownloadResponse(path=path, error=reasons[0] if reasons else FILE_NOT_FOUND)
    content = texts.well_formed(snapshot.text(name)).encode()
    return FileDownloadResponse(path=path, content=content)


def _said(error: AgentMemoryError) -> str:
    hint = replies.hint(error)
    return f"{error.message}. {hint}" if hint else error.message


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
