"""Writes a catalog of any size, always the same for the same numbers, in the layout and style of real ones.

    python bench/scale.py FOLDER [--models 10000]

A model is one model file, three versions, and one run of five metrics for each version: 10,000 models are about 70,000
files. Vocabularies, licences, benchmarks and tags are those of the reference catalog; models are made up.
"""

import argparse
import shutil
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
COPIED = ("vocabulary", "licenses", "benchmarks", "tags")
FAMILIES = tuple("llama qwen mistral gemma phi granite falcon olmo deepseek command yi internlm nemotron exaone smol".split())  # noqa: SIM905
KINDS = ["base", "instruct", "chat", "code", "math", "vision", "reason", "embed"]
SIZES = (0.5, 1, 1.5, 3, 4, 7, 8, 9, 12, 14, 20, 24, 27, 32, 70, 72, 120, 235, 405)
LICENSES = ("apache-2.0", "apache-2.0", "apache-2.0", "mit", "llama-3.1-community", "gemma", "cc-by-nc-4.0")
CAPABILITIES = ("tools", "reasoning", "structured-output", "temperature", "attachments")
BENCHMARKS = ("mmlu", "mmlu-pro", "gpqa-diamond", "humaneval", "swe-bench-verified")
CONTEXTS = (4096, 8192, 16384, 32768, 65536, 128000, 131072, 200000, 262144, 1000000)
LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "zh", "ja", "ko", "ar", "hi", "ru"]


def main() -> None:
    """Writes the catalog."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--models", type=int, default=10_000)
    given = options.parse_args()
    print(f"{generate(given.folder, given.models):,} files")


def generate(folder: Path, models: int) -> int:
    """Writes a catalog of so many models below a folder; returns the number of files."""
    catalog = folder / "catalog"
    catalog.mkdir(parents=True)
    (catalog / "catalog.yaml").write_text(f"{_schema('catalog', 1)}name: {models} made-up models\nschema_version: 1\n")
    for name in COPIED:
        shutil.copytree(ROOT / "catalog" / name, catalog / name)
    files = 1 + sum(1 for name in COPIED for _ in (catalog / name).iterdir())
    random = Random(20260702)
    for number in range(models):
        publisher = f"lab-{number % max(1, models // 40):04d}"
        home = catalog / "models" / publisher
        if not home.is_dir():
            home.mkdir(parents=True)
            (home / "publisher.yaml").write_text(
                f"{_schema('publisher', 3)}name: Laboratory {publisher[4:]}\nurl: https://{publisher}.example.org/\n"
            )
            files += 1
        files += _model(catalog, publisher, number, random)
    return files


def _model(catalog: Path, publisher: str, number: int, random: Random) -> int:
    family, kind, size = random.choice(FAMILIES), random.choice(KINDS), random.choice(SIZES)
    slug = f"{family}-{random.randint(1, 4)}.{random.randint(0, 9)}-{size:g}b-{kind}-{number:06d}"
    folder = catalog / "models" / publisher / slug
    results = catalog / "results" / publisher / slug
    folder.mkdir()
    year, month = random.randint(2022, 2025), random.randint(1, 9)
    (folder / "model.yaml").write_text(_model_text(family, kind, size, slug, random))
    for step in range(3):
        version = f"1.{step}.0"
        released = f"{year}-{month + step:02d}-{random.randint(1, 28):02d}"
        (folder / f"{version}.yaml").write_text(_version_text(family, size, slug, version, released, step, random))
        (results / version).mkdir(parents=True)
        (results / version / f"reported-{random.getrandbits(32):08x}.yaml").write_text(_results_text(released, random))
    return 7


def _schema(kind: str, depth: int) -> str:
    return f"# yaml-language-server: $schema={'../' * depth}schemas/{kind}.schema.json\n"


def _model_text(family: str, kind: str, size: float, slug: str, random: Random) -> str:
    name = slug.replace("-", " ").title()
    languages = ", ".join(sorted(random.sample(LANGUAGES, random.randint(1, 5))))
    return (
        f"{_schema('model', 4)}name: {name}\n"
        f"description: A made-up {kind} model of {size:g} billion weights of the {family} family, number {slug[-6:]}.\n"
        f"family: {family}\ntype: weights\ntasks: [{'embedding' if kind == 'embed' else 'chat'}]\n"
        f"modalities: {{input: [{'text, image' if kind == 'vision' else 'text'}], output: [text]}}\n"
        f"license: {random.choice(LICENSES)}\nlanguages: [{languages}]\ndefault: 1.{random.randint(0, 2)}.0\n"
        f"sources: {{page: {{url: https://m.example.org/{slug}, retrieved: 2026-07-02}}}}\n"
        'sourced: {"": page}\n'
    )


def _version_text(family: str, size: float, slug: str, version: str, released: str, step: int, random: Random) -> str:
    layers, heads = random.choice((16, 24, 32, 40, 64, 80)), random.choice((4, 8, 16))
    capabilities = ", ".join(word for word in CAPABILITIES if random.random() < 0.6) or "temperature"
    context = random.choice(CONTEXTS)
    deprecated = "status: deprecated\n" if step == 0 and random.random() < 0.1 else ""
    end = "deprecation: {date: 2026-10-01}\n" if deprecated else ""
    return (
        f"{_schema('version', 4)}released: {released}\n{deprecated}{end}weights: {random.choice(('open', 'open', 'gated'))}\n"
        f"limits: {{context: {context}, output: {min(context, 16384)}}}\n"
        f"knowledge: {int(released[:4]) - 1}-{random.randint(10, 12)}\ncapabilities: [{capabilities}]\n"
        f"dimensions: {random.choice((384, 768, 1024))}\n"
        f"architecture:\n  name: {family}\n  parameters: {{total: {round(size * 1e9) + random.randint(0, 10**7)}}}\n"
        f"  hidden: {128 * layers}\n  heads: {layers}\n  vocab: 128256\n"
        f"  layers:\n    - {{kind: full, count: {layers}, kv_heads: {heads}, k_dim: 128, v_dim: 128}}\n"
        f"aliases: [hf:Lab/{slug}-{version}]\n"
        f"changelog: Version {version} of a model that does not exist.\n"
        f"sources: {{page: {{url: https://m.example.org/{slug}/{version}, retrieved: 2026-07-02}}}}\n"
        'sourced: {"": page}\n'
    )


def _results_text(released: str, random: Random) -> str:
    rows = "".join(
        f"  - {{benchmark: {name}, value: {random.randint(2000, 9500) / 10000:g}, "
        f"stderr: {random.randint(10, 200) / 10000:g}, samples: 1000}}\n"
        for name in BENCHMARKS
    )
    return f"{_schema('results', 5)}basis: reported\nby: aider\ndate: {released}\nmetrics:\n{rows}"


if __name__ == "__main__":
    main()
