"""The address of a channel -> the channel."""

from collections.abc import Callable
from pathlib import Path

from modelreg_cli.errors import ModelregError, listed
from modelreg_cli.release.bucket import BucketChannel
from modelreg_cli.release.channel import Channel, Way
from modelreg_cli.release.folder import FolderChannel
from modelreg_cli.release.github import GitHubChannel
from modelreg_cli.release.huggingface import HubChannel
from modelreg_cli.release.oci import OciChannel
from modelreg_cli.release.web import WebChannel

#: What an address begins with, before `://`.
all_channels: dict[str, Callable[[str, Way], Channel]] = {
    "file": lambda address, _way: FolderChannel(Path(address.removeprefix("file://"))),
    "https": WebChannel,
    "http": WebChannel,
    "s3": BucketChannel,
    "oci": OciChannel,
    "hf": HubChannel,
    "github": GitHubChannel,
}


def channel_of(address: str, way: Way) -> Channel:
    """The channel of an address: a folder, or something with `://`.

    Raises:
        ModelregError: nothing of the kind is known.
    """
    kind, colon, _rest = address.partition("://")
    if not colon:
        return FolderChannel(Path(address).absolute())
    if kind not in all_channels:
        raise ModelregError(f"no channel is addressed by {kind}://", f"a folder, or {listed([f'{one}://' for one in all_channels])}")
    return all_channels[kind](address, way)
