"""Reading headers of weights of 1 GB, side by side with the packages `safetensors` and `gguf`: time and peak memory.

python bench/weights.py [--tokens 128000] [--rounds 5]

The files are sparse: headers as of an 8B model with a vocabulary of that size, and zeros for the weights. Every reading is a
process of its own; what a process takes that only imports the reader is told apart.
"""

import argparse
import json
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = 2**30
LAYERS = 32
_KINDS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down", "attn_norm", "ffn_norm")

_OURS = "from modelreg_cli.weights import {} as reader\nfrom modelreg_cli.weights.source import LocalFile\n"
#: name -> imports, and the reading of the file `p`
READERS = {
    "modelreg, safetensors": (_OURS.format("safetensors"), "reader.read(LocalFile(p))"),
    "safetensors, safe_open": (
        "import numpy\nfrom safetensors import safe_open",
        "f = safe_open(p, 'numpy')\nfor k in f.keys(): f.get_slice(k).get_shape()",
    ),
    "modelreg, GGUF": (_OURS.format("gguf"), "reader.read(LocalFile(p))"),
    "gguf, GGUFReader": ("from gguf import GGUFReader", "GGUFReader(p)"),
}


def tensors() -> list[str]:
    """Names as an 8B model has them."""
    return [f"blk.{layer}.{kind}.weight" for layer in range(LAYERS) for kind in _KINDS]


def safetensors_file(path: Path) -> Path:
    """A header of all tensors, then zeros."""
    names, each = tensors(), SIZE // (LAYERS * len(_KINDS)) // 2 * 2
    header = {name: {"dtype": "BF16", "shape": [each // 2], "data_offsets": [at * each, (at + 1) * each]} for at, name in enumerate(names)}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + each * len(names))
    return path


def gguf_file(path: Path, tokens: int) -> Path:
    """A header with a vocabulary, then zeros."""
    names, each = tensors(), SIZE // (LAYERS * len(_KINDS)) // 64 * 64

    def text(words: str) -> bytes:
        return struct.pack("<Q", len(words)) + words.encode()

    values = [text("general.architecture") + struct.pack("<I", 8) + text("llama")]
    values.append(text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, tokens) + b"".join(text(f"token{at}") for at in range(tokens)))
    values.append(text("tokenizer.ggml.token_type") + struct.pack("<IIQ", 9, 5, tokens) + bytes(4 * tokens))
    values.append(
        text("tokenizer.ggml.merges") + struct.pack("<IIQ", 9, 8, 2 * tokens) + b"".join(text(f"a b{at}") for at in range(2 * tokens))
    )
    listed = [text(name) + struct.pack("<IQIQ", 1, each // 2, 30, at * each) for at, name in enumerate(names)]
    with path.open("wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, len(names), len(values)) + b"".join(values) + b"".join(listed))
        file.truncate(-(-file.tell() // 32) * 32 + each * len(names))
    return path


def measured(imports: str, call: str, path: Path) -> tuple[float, float, float]:
    """Milliseconds of the reading in its process, and megabytes at the peak: with it, and of the imports alone."""
    ways = (f"import time\nfrom pathlib import Path\np = Path({str(path)!r})\n{imports}\n", "t = time.perf_counter()\n", f"{call}\n")
    tell = """t = time.perf_counter() - t
print(t, next(int(line.split()[1]) / 1024 for line in open('/proc/self/status') if line.startswith('VmHWM')))
"""
    read, bare = (
        subprocess.run([sys.executable, "-c", "".join(parts)], capture_output=True, text=True, check=True).stdout.split()
        for parts in ((*ways, tell), (*ways[:2], tell))
    )
    return float(read[0]) * 1000, float(read[1]), float(bare[1])


def main() -> None:
    """Takes turns, and prints a table of medians."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tokens", type=int, default=128_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        safe, ggml = safetensors_file(Path(folder) / "m.safetensors"), gguf_file(Path(folder) / "m.gguf", given.tokens)
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in READERS}
        started = time.monotonic()
        for _ in range(given.rounds):
            for name, (imports, call) in READERS.items():
                found[name].append(measured(imports, call, ggml if "GGUF" in name else safe))
        print(f"{safe.stat().st_size:,} and {ggml.stat().st_size:,} bytes, {given.tokens:,} tokens, {time.monotonic() - started:.0f} s")
        print("| reader | median ms | times ours | peak MB of the process | of its imports alone |")
        print("|---|---|---|---|---|")
        ours = 1.0
        for name, all_ in found.items():
            milliseconds = sorted(one[0] for one in all_)[len(all_) // 2]
            ours = milliseconds if name.startswith("modelreg") else ours
            peak, alone = max(one[1] for one in all_), max(one[2] for one in all_)
            print(f"| {name} | {milliseconds:.2f} | {milliseconds / ours:.1f} | {peak:.0f} | {alone:.0f} |")


if __name__ == "__main__":
    main()
