"""Which file system a directory is on, read from what the systems list."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent_memory.project import mounts
from agent_memory.project.mounts import Mount, mount_of, of_mount, of_mountinfo

LINUX = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /home/a\040person rw,nosuid shared:2 master:1 - nfs4 server:/export rw,vers=4.2
41 22 0:41 / /media/cd ro,relatime - iso9660 /dev/sr0 ro
42 22 0:42 / /work rw - 9p host rw
43 42 0:43 / /work rw - tmpfs tmpfs rw
broken line
"""
MAC = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)
//me@server/share on /Volumes/a share (smbfs, nodev, nosuid, mounted by me)
"""


def test_the_mounts_of_linux_are_read_with_their_names_and_options() -> None:
    found = {mount.point: mount for mount in of_mountinfo(LINUX)}
    assert found["/"] == Mount("ext4", "/")
    assert found["/home/a person"] == Mount("nfs4", "/home/a person")
    assert found["/media/cd"].read_only


def test_the_mounts_of_macos_are_read() -> None:
    found = list(of_mount(MAC))
    assert Mount("smbfs", "/Volumes/a share") in found
    assert Mount("apfs", "/", read_only=True) in found


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/home/a person/memory", "nfs4"),
        ("/home/a person too", "ext4"),
        ("/work/memory", "tmpfs"),
        ("/nowhere/yet", "ext4"),
    ],
)
def test_the_nearest_mount_on_top_is_the_one(
    monkeypatch: pytest.MonkeyPatch, directory: str, kind: str
) -> None:
    monkeypatch.setattr(mounts, "_mounts", lambda: list(of_mountinfo(LINUX)))
    monkeypatch.setattr("os.path.realpath", lambda path: str(path))
    found = mount_of(Path(directory))
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"])
def test_file_systems_that_others_write_to_are_known(kind: str) -> None:
    assert Mount(kind, "/x").is_network


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "apfs", "tmpfs", "overlay", "fuse.encfs"])
def test_local_file_systems_are_not(kind: str) -> None:
    assert not Mount(kind, "/x").is_network


@pytest.mark.skipif(sys.platform == "win32", reason="no mounts there")
def test_here_it_can_be_told(tmp_path: Path) -> None:
    found = mount_of(tmp_path / "not there yet")
    assert found is not None
    assert found.kind
