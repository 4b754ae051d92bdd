"""Who is at work when nobody says so."""

from __future__ import annotations

import os
import platform


def person() -> str:
    """`user@host` of this process."""
    try:
        import pwd

        user = pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):  # Windows, or a container's user without a name
        user = f"uid{os.getuid()}" if hasattr(os, "getuid") else "user"
    return f"{user}@{platform.node() or 'localhost'}"
