"""The address of a channel -> the channel."""

from pathlib import Path

from modelreg_cli.errors import ModelregError
from modelreg_cli.release.channel import Channel
from modelreg_cli.release.folder import FolderChannel


def channel_of(address: str) -> Channel:
    """The channel of an address: a folder, or `file:` and one.

    Raises:
        ModelregError: nothing of the kind is known.
    """
    kind, colon, rest = address.partition("://")
    if not colon:
        return FolderChannel(Path(address).absolute())
    if kind == "file":
        return FolderChannel(Path(rest))
    raise ModelregError(f"no channel is addressed by {kind}://", "a folder, or file:///folder")
