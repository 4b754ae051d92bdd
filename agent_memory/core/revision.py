"""The content hash by which two states are told apart."""

from __future__ import annotations

Revision = str
"""A content hash: equal revisions are equal bytes."""


def revision(data: bytes) -> Revision:
    """The content hash of `data`: 16 hexadecimal digits of BLAKE2b."""
    from hashlib import blake2b  # OpenSSL costs 10 ms at import; reading a prompt needs no hash

    return blake2b(data, digest_size=8).hexdigest()
