"""Zstandard: Python's own from 3.14 on, and the same module from outside before that."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]
