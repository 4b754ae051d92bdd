"""Which file system a directory is on, and whether it is one that other machines share."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NETWORK = (
    "nfs", "cifs", "smb", "9p", "afpfs", "webdav", "davfs", "ceph", "glusterfs", "lustre", "beegfs",
    "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.glusterfs", "macfuse",
    "osxfuse",    "virtiofs", "vboxsf", "prl_fs", "drvfs", "afs", "ocfs2", "gfs2",
)  # fmt: skip
_OCTAL = re.compile(r"\\([0-7]{3})")
_MAC = re.compile(r"^.* on (/.*) \(([^,)]+)(.*)\)$")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system: its kind, as the system calls it, and where it is."""

    kind: str
    point: str
    read_only: bool = False

    @property
    def is_network(self) -> bool:
        """Whether other machines may write to it, past the locks of this one."""
        return self.kind.startswith(_NETWORK)


def mount_of(directory: Path) -> Mount | None:
    """The file system that a directory is on, or will be; None where it cannot be told."""
    real = os.path.realpath(directory)
    found = [mount for mount in _mounts() if _is_below(real, mount.point)]
    return max(found, key=lambda mount: len(mount.point), default=None)


def _mounts() -> list[Mount]:
    if sys.platform == "darwin":
        try:
            done = subprocess.run(  # a fixed program without arguments
                ["/sbin/mount"], capture_output=True, timeout=5, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return []
        return list(of_mount(done.stdout.decode("utf-8", "surrogateescape")))
    try:
        listed = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return []
    return list(of_mountinfo(listed.decode("utf-8", "surrogateescape")))


def of_mountinfo(listed: str) -> Iterator[Mount]:
    """The mounts of Linux's `/proc/self/mountinfo` (proc_pid_mountinfo(5)), the last on top."""
    for line in reversed(listed.splitlines()):
        fields, _, rest = line.partition(" - ")
        words, kind = fields.split(" "), rest.partition(" ")[0]
        if len(words) > 5 and kind:
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), words[4])
            yield Mount(kind, point, "ro" in words[5].split(","))


def of_mount(listed: str) -> Iterator[Mount]:
    """The mounts that macOS' `mount` lists."""
    for line in reversed(listed.splitlines()):
        match = _MAC.match(line)
        if match:
            yield Mount(match[2], match[1], "read-only" in match[3])


def _is_below(path: str, point: str) -> bool:
    return point == "/" or f"{path}/".startswith(f"{point.rstrip('/')}/")
