"""Versions with every kind of layer, artifact and gap, and runtimes with every kind of profile, added to a catalog for a test."""

from pathlib import Path

LAYERS = {
    "dense": "[{kind: full, count: 32, kv_heads: 8, k_dim: 128, v_dim: 128}]",
    "window": "[{kind: full, count: 10, kv_heads: 16, k_dim: 128, v_dim: 128}, "
    "{kind: window, count: 52, kv_heads: 16, k_dim: 128, v_dim: 128, window: 1024}]",
    "latent": "[{kind: mla, count: 61, latent: 512, rope: 64}]",
    "latent-told": "[{kind: mla, count: 61, latent: 512, rope: 64, kv_heads: 128, k_dim: 192, v_dim: 128}]",
    "state": "[{kind: full, count: 4, kv_heads: 4, k_dim: 128, v_dim: 128}, "
    "{kind: state, count: 36, conv: 4, inner: 3072, groups: 1, state: 128}]",
    "shared": "[{kind: full, count: 20, kv_heads: 3, k_dim: 65, v_dim: 33}, {kind: shared, count: 10}]",
    "mixed": "[{kind: full, count: 3, kv_heads: 8, k_dim: 64, v_dim: 64}, {kind: full, count: 2, kv_heads: 3, k_dim: 64, v_dim: 64}, "
    "{kind: mla, count: 5, latent: 512, rope: 64}]",
    "unknown": "",
}
_FILE = "{path: model.gguf, bytes: %d, sha256: '%s'}"
ARTIFACTS = f"""artifacts:
  - {{id: a-files, format: gguf, quantization: q4_k_m, files: [{_FILE % (4_920_739_233, "1" * 64)}]}}
  - {{id: b-bits, format: safetensors, quantization: q4_k_m, bits: 4.9}}
  - {{id: c-nothing, format: gguf, quantization: q8_0}}
  - {{id: d-mha, format: gguf, quantization: bf16, kv_layout: mha, files: [{_FILE % (77_000_001, "2" * 64)}]}}
  - {{id: e-small, format: exl3, quantization: q2_k, bits: 2.33335, kv_layout: mla}}
"""
RUNTIMES = {
    "paged": "{release: '1', basis: documented, cache_block: 16, batched: 2048, utilization: 0.92, devices: tensors, "
    "cache_types: [f16, fp8, fp8_ds_mla]}",
    "one-cache": "{release: '1', basis: measured, context_pad: 256, unified: true, ubatch: 512, state_bytes: 4, flash: false, "
    "fixed_mib: 511.5, cache_types: [q8_0, f32]}",
    "unpadded": "{release: '1', basis: measured, ubatch: 100, state_bytes: 2, copies: {atlas: 3, dense: 0}, "
    "min_vocab: 100000, devices: tensors, cache_types: [q5_1, q4_0, bf16]}",
}


def lay(checkout: Path) -> None:
    """Writes the files."""
    models = checkout / "catalog" / "models" / "zoo"
    for name, layers in LAYERS.items():
        for suffix, artifacts in (("", ""), ("-files", ARTIFACTS)):
            folder = models / f"{name}{suffix}"
            folder.mkdir(parents=True)
            folder.joinpath("model.yaml").write_text(f"name: {name}\ntype: weights\nlicense: apache-2.0\n", "utf-8")
            parts = [
                "name: atlas" if name != "window" else "name: other",
                "parameters: {total: 8030261248}",
                f"vocab: {90000 if name == 'state' else 100000}",
            ]
            parts += ["hidden: 4096", "heads: 32"] if name != "shared" else ["heads: 7"]
            parts += [f"layers: {layers}"] if layers else []
            parts += ["not_covered: an indexer"] if name == "latent" else []
            folder.joinpath("1.0.0.yaml").write_text(
                f"released: 2025-01-01\nweights: open\narchitecture: {{{', '.join(parts)}}}\n{artifacts}", "utf-8"
            )
    for name, profile in RUNTIMES.items():
        path = checkout / "catalog" / "runtimes" / f"{name}.yaml"
        path.write_text(f"name: {name}\nformats: [gguf, exl3]\nmemory: [{profile}]\n", "utf-8")
