"""The tables and views of the index: a published contract (docs/index.md is made from this file).

A table is written as text: one column a line, `name TYPE  meaning`. A `!` after the type marks the key.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, type, whether it is part of the key, meaning. NUMBER is a `version.number`."""

    name: str
    type: str
    key: bool
    meaning: str

    @property
    def sql_type(self) -> str:
        """As SQLite calls it."""
        return "INTEGER" if self.type == "NUMBER" else self.type


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the contract."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def ddl(self) -> str:
        """CREATE TABLE; keyed tables are clustered on their key."""
        lines = [f"{column.name} {column.sql_type}{' NOT NULL' if column.key else ''}" for column in self.columns]
        if not self.wide:
            lines.append(f"PRIMARY KEY ({', '.join(self.keys)})")
        return f"CREATE TABLE {self.name} ({', '.join(lines)}){'' if self.wide or self.keys == ['number'] else ' WITHOUT ROWID'}"

    @property
    def keys(self) -> list[str]:
        """Names of the columns of its key."""
        return [column.name for column in self.columns if column.key]

    @property
    def wide(self) -> bool:
        """Whether its rows are long: then the key is an index beside them, and rows lie in the order of writing."""
        return self.name in ("document", "posting", "span")


def _table(name: str, meaning: str, text: str) -> Table:
    columns = []
    for line in text.strip().splitlines():
        left, _, told = line.strip().partition("  ")
        column, type_ = left.split(" ")
        columns.append(Column(column, type_.rstrip("!"), type_.endswith("!"), told.strip()))
    return Table(name, meaning, tuple(columns))


all_tables: tuple[Table, ...] = (
    _table(
        "meta",
        "Facts about the index itself.",
        """
        key TEXT!  name, schema_version, program, tree (Git id of catalog/), digest (logical digest of all facts; not in an index that is kept up to date in a checkout), left_out (files with errors), refused (their paths, as JSON), ordered (up to this version.number, numbers are in the order of refs), results (how many measurements there are)
        value TEXT  the value""",
    ),
    _table(
        "document",
        "Every file, and every entity whole as its author wrote it: nothing of the catalog is missing from the index.",
        """
        kind TEXT!  kind of the entity; empty for a file that no kind knows
        id TEXT!  its id, or the path of a file that no kind knows
        path TEXT  its file
        blob TEXT  Git id of the file as it was read
        json TEXT  its values as JSON, those of its overlay with them; NULL where the file has errors, or nothing that a question needs
        layer TEXT  the catalog underneath that the file is from; empty where it is this catalog's own""",
    ),
    _table(
        "publisher",
        "Who makes models.",
        """
        id TEXT!  publisher id
        name TEXT  name
        url TEXT  site""",
    ),
    _table(
        "model",
        "A model.",
        """
        id TEXT!  publisher/model
        publisher TEXT  publisher id
        slug TEXT  the id without its publisher
        words TEXT  the slug in words, as the full text cuts them
        name TEXT  name for people
        description TEXT  what it is
        family TEXT  the line it belongs to
        type TEXT  weights, hosted, adapter, router
        license TEXT  license id
        default_version TEXT  ref of the default version""",
    ),
    _table(
        "version",
        "A version: one set of bytes or one hosted snapshot. Searches read this table and the three below.",
        """
        number INTEGER!  small number; it joins tables inside this file and means nothing outside it
        ref TEXT  publisher/model@version
        model TEXT  publisher/model
        version TEXT  version id
        is_default INTEGER  1 for the model's default version
        position INTEGER  1 is the newest of its model
        name TEXT  the version's own name, or the model's
        publisher TEXT  publisher id
        family TEXT  the model's family
        type TEXT  the model's type
        status TEXT  active, deprecated, disabled, maintenance, retired
        released TEXT  as exact as its source is
        released_first TEXT  first day that `released` can mean; NULL is unknown
        updated TEXT  last change without a new version
        knowledge TEXT  knowledge cutoff
        weights TEXT  open, gated, closed
        license TEXT  license id: its own or the model's
        context INTEGER  tokens; 9223372036854775807 is unlimited, 0 is none, NULL unknown
        input INTEGER  tokens of input, likewise
        output INTEGER  tokens of output, likewise
        architecture TEXT  model type of its configuration
        params INTEGER  weights in all
        active_params INTEGER  weights that one token uses
        hidden INTEGER  hidden size
        heads INTEGER  query heads
        vocab INTEGER  size of the vocabulary
        not_covered TEXT  what its architecture keeps in memory that no kind of layer expresses
        dimensions INTEGER  default size of an embedding vector
        min_vram_gib REAL  as its source recommends
        bytes INTEGER  size of its smallest artifact whose files are known
        price_in REAL  lowest price of input that is paid, USD for 1M tokens, over offerings in service; 0 where it is only to be had free
        price_out REAL  lowest price of output, likewise
        offers INTEGER  offerings in service
        deprecated TEXT  day from which it should not be used
        retires TEXT  day from which it cannot be used
        replacement TEXT  ref of what to use instead
        upstream_hub TEXT  where its bytes came from
        upstream_repo TEXT  the repository there
        upstream_revision TEXT  its commit""",
    ),
    _table(
        "label",
        "Values of axes that hold several: what `--tag`, `--task` and their kin ask.",
        """
        version NUMBER!  version.number
        axis TEXT!  tag, task, capability, lacks, modality_in, modality_out, language, artifact_format, quantization
        value TEXT!  the word""",
    ),
    _table(
        "score",
        "One headline score for each version, benchmark and metric: measured before reported, then the newest, then the most samples.",
        """
        version NUMBER!  version.number
        benchmark TEXT!  benchmark id
        metric TEXT!  metric id
        value REAL  in the metric's unit
        stderr REAL  standard error
        run TEXT  result.run that it is from
        position INTEGER  result.position in that run""",
    ),
    _table(
        "layer",
        "Layers of an architecture, in groups of one kind.",
        """
        version NUMBER!  version.number
        position INTEGER!  order
        kind TEXT  full, window, mla, state, shared
        count INTEGER  how many
        kv_heads INTEGER  key/value heads
        k_dim INTEGER  dimensions of a key head
        v_dim INTEGER  dimensions of a value head
        window INTEGER  tokens that stay visible
        latent INTEGER  latent rank
        rope INTEGER  rotary dimensions beside the latent
        conv INTEGER  width of the convolution
        inner INTEGER  inner size
        groups INTEGER  state groups
        state INTEGER  state size""",
    ),
    _table(
        "artifact",
        "Weights of a version in one format and precision.",
        """
        ref TEXT!  publisher/model@version#artifact
        version TEXT  ref of the version
        artifact TEXT  artifact id
        publisher TEXT  who made it, where that is not the model's publisher
        format TEXT  safetensors, gguf, ...
        quantization TEXT  as its maker calls it
        bits REAL  bits for a weight
        uri TEXT  where it is
        license TEXT  where it differs
        kv_layout TEXT  where it differs
        bytes INTEGER  sum of its files
        digest TEXT  sha256 of the canonical JSON of the sorted [path, bytes, sha256] of its files""",
    ),
    _table(
        "artifact_file",
        "Files of an artifact.",
        """
        artifact TEXT!  ref of the artifact
        path TEXT!  file
        bytes INTEGER  size
        sha256 TEXT  digest""",
    ),
    _table(
        "license",
        "A licence and its terms: yes, no, conditional, unknown.",
        """
        id TEXT!  license id
        name TEXT  name
        spdx TEXT  SPDX expression
        url TEXT  the text
        commercial TEXT  commercial use
        derivatives TEXT  changes and further training
        redistribution TEXT  passing the weights on
        hosting TEXT  offering it as a service
        attribution TEXT  whether a notice is required
        share_alike TEXT  whether derivatives must carry the same terms
        patent_grant TEXT  whether patents are licensed
        train_other_models TEXT  whether outputs may improve other models
        max_monthly_active_users INTEGER  bound of the condition
        max_annual_revenue_usd INTEGER  bound of the condition""",
    ),
    _table(
        "provider",
        "Who serves models.",
        """
        id TEXT!  provider id
        name TEXT  name
        url TEXT  site
        documentation TEXT  its page about models
        publisher TEXT  whose own service it is
        currency TEXT  ISO 4217
        status TEXT  as for versions""",
    ),
    _table(
        "endpoint",
        "Where requests go; never a secret, only the names of headers and variables.",
        """
        owner TEXT!  provider:ID or engine:ID
        id TEXT!  endpoint id
        type TEXT  rest, grpc, local
        protocol TEXT  dialect
        url TEXT  base address
        auth TEXT  kind of proof
        auth_header TEXT  header that carries it
        env TEXT  variables that hold it, separated by spaces
        region TEXT  region""",
    ),
    _table(
        "offering",
        "A version as one provider serves and sells it; the price columns are those that hold now.",
        """
        id TEXT!  provider/slug
        provider TEXT  provider id
        wire_id TEXT  the exact string its API wants
        version TEXT  ref of the version it means now
        number NUMBER  version.number, NULL where the version is not in the catalog
        pinned INTEGER  1 where the name can never mean another version
        status TEXT  as for versions
        stage TEXT  alpha, beta, preview
        in_service INTEGER  1 for active and deprecated
        billing TEXT  metered, subscription, free, unpublished
        quantization TEXT  serving precision; NULL is undisclosed
        context INTEGER  as it serves it: its own limit or the version's
        output INTEGER  likewise
        price_in REAL  USD for 1M tokens of input; 0 where billing is free
        price_out REAL  USD for 1M tokens of output
        observed TEXT  day the price was read
        p50_ms REAL  latency
        p99_ms REAL  latency
        tokens_per_second REAL  throughput
        verified TEXT  day it was last compared with the provider's page
        retires TEXT  day from which it cannot be used
        replacement TEXT  what to use instead""",
    ),
    _table(
        "price",
        "Every rate of every price entry, variants included.",
        """
        offering TEXT!  offering.id
        entry INTEGER!  0 is the oldest
        variant INTEGER!  0 is the usual price
        meter TEXT!  vocabulary/meters
        rate REAL  for the meter's unit; NULL where only a factor is known
        factor REAL  on the usual rate
        currency TEXT  ISO 4217
        observed TEXT  day it was read
        valid_from TEXT  first day; NULL is unknown
        valid_until TEXT  last day
        condition TEXT  JSON of `when`""",
    ),
    _table(
        "rate_limit",
        "Rate limits of an offering.",
        """
        offering TEXT!  offering.id
        plan TEXT!  plan
        rpm INTEGER  requests a minute
        tpm INTEGER  tokens a minute
        rpd INTEGER  requests a day
        concurrent INTEGER  at once""",
    ),
    _table(
        "offering_region",
        "Regions of an offering.",
        """
        offering TEXT!  offering.id
        region TEXT!  region""",
    ),
    _table(
        "serving",
        "What a wire id has meant, newest last.",
        """
        offering TEXT!  offering.id
        position INTEGER!  0 is the oldest
        version TEXT  ref
        pinned INTEGER  1 or 0
        valid_from TEXT  since which day""",
    ),
    _table(
        "benchmark",
        "A benchmark.",
        """
        id TEXT!  benchmark id
        name TEXT  name
        url TEXT  its page
        metric TEXT  its default metric
        redistribution TEXT  whether scores may be stored""",
    ),
    _table(
        "metric",
        "A number that a benchmark gives.",
        """
        benchmark TEXT!  benchmark id
        metric TEXT!  metric id
        unit TEXT  fraction, percent, elo, index, ms, tokens_per_second, score
        better TEXT  higher or lower
        min REAL  smallest possible
        max REAL  largest possible""",
    ),
    _table(
        "scan",
        "What a scanner said.",
        """
        id TEXT!  id of the scan file
        version TEXT  ref
        tool TEXT  scanner
        tool_version TEXT  its version
        date TEXT  when
        status TEXT  scanning, passed, failed, skipped
        artifact TEXT  artifact id
        database TEXT  version of its signatures
        digest TEXT  digest of the artifact, where every byte of it was read""",
    ),
    _table(
        "lineage",
        "What a model was made from.",
        """
        model TEXT!  publisher/model
        relation TEXT!  finetune, adapter, merge, quantized, distill, continued
        parent TEXT!  ref of the parent""",
    ),
    _table(
        "tag",
        "Meaning of a tag.",
        """
        id TEXT!  tag
        description TEXT  what it promises""",
    ),
    _table(
        "tag_implies",
        "Tags that come with a tag, at any distance.",
        """
        tag TEXT!  tag
        implied TEXT!  comes with it""",
    ),
    _table(
        "word",
        "Vocabularies.",
        """
        vocabulary TEXT!  tasks, capabilities, modalities, meters, evaluators
        term TEXT!  word
        description TEXT  meaning
        unit TEXT  meters: what is counted
        per INTEGER  meters: a rate is for so many""",
    ),
    _table(
        "runtime",
        "Programs that run models.",
        """
        id TEXT!  runtime id
        name TEXT  name
        url TEXT  site
        formats TEXT  weight formats, separated by spaces""",
    ),
    _table(
        "hardware",
        "Accelerators.",
        """
        id TEXT!  device id
        name TEXT  name
        vendor TEXT  maker
        kind TEXT  gpu, apu, cpu, npu, tpu
        memory_gib REAL  memory of one device
        bandwidth_gbs REAL  GB/s""",
    ),
    _table(
        "hardware_name",
        "What people type for a device.",
        """
        name TEXT!  in small letters
        hardware TEXT!  device id""",
    ),
    _table(
        "engine",
        "Instances of a runtime that we operate.",
        """
        id TEXT!  engine id
        name TEXT  name
        runtime TEXT  runtime id
        release TEXT  its release
        region TEXT  region
        status TEXT  as for versions""",
    ),
    _table(
        "binding",
        "Versions attached to engines.",
        """
        id TEXT!  engine/binding
        engine TEXT  engine id
        model TEXT  ref
        name TEXT  name
        available_model_id TEXT  the fleet's id
        model_path TEXT  where the weights are
        remote_url TEXT  where they come from
        vram_required_mb INTEGER  MiB to set aside
        ram_required_mb INTEGER  MiB to set aside
        status TEXT  as for versions
        extra_config TEXT  JSON""",
    ),
    _table(
        "tenant",
        "For whom models are chosen.",
        """
        id TEXT!  tenant id
        name TEXT  name""",
    ),
    _table(
        "route",
        "A tenant's default for a task.",
        """
        tenant TEXT!  tenant id
        task TEXT!  task
        tag TEXT  choose among versions that wear it
        prefer TEXT  refs in order, separated by spaces
        fallback TEXT  ref""",
    ),
    _table(
        "alias",
        "Names elsewhere. `name` has no namespace; `folded` is for look-ups that ignore case.",
        """
        namespace TEXT!  hf, ollama, models-dev, ...
        name TEXT!  the name there
        kind TEXT!  model, version, artifact, offering, publisher, provider
        target TEXT!  its id or ref
        folded TEXT  the name in small letters""",
    ),
    _table(
        "posting",
        "What searches read instead of rows: which versions have a word. Made from the other tables.",
        """
        axis TEXT!  column of `version`, axis of `label`, or id, first, word: words of the slug, its first one, all words of its names
        word TEXT!  the word; `known` has the versions whose number of that axis is known, `axis*` has beginnings of many words
        count INTEGER  how many versions
        dense INTEGER  1: a bit for each version.number, the lowest first; 0: numbers of 4 bytes, little-endian
        numbers BLOB  the versions""",
    ),
    _table(
        "span",
        "What searches by a number read instead of rows: versions in order of a value, in parts. Made from the other tables.",
        """
        axis TEXT!  column of `version`, newest, score/<benchmark>/<metric> (headline scores), or board/<benchmark>/<metric>/<what makes results comparable>
        part INTEGER!  0 has the smallest values; equal values share a part, or fill some of their own
        low REAL  its smallest value
        high REAL  its largest value
        count INTEGER  how many versions
        amounts BLOB  values in order, as doubles, little-endian
        numbers BLOB  version.number of each, 4 bytes, little-endian; of equal values the smallest first
        above BLOB  the versions of all later parts: a bit for each number""",
    ),
)

all_views: dict[str, tuple[str, str]] = {
    "source": (
        "Texts that values were read from: kind and id of the entity, short name, address, date of the copy.",
        "CREATE VIEW source AS SELECT d.kind, d.id, s.key AS source, json_extract(s.value, '$.url') AS url, "
        "json_extract(s.value, '$.retrieved') AS retrieved FROM document d, json_each(d.json, '$.sources') s",
    ),
    "sourced": (
        "Which value rests on which source: kind and id of the entity, JSON pointer (empty is the whole file), short name of the source.",
        "CREATE VIEW sourced AS SELECT d.kind, d.id, s.key AS pointer, s.value AS source FROM document d, json_each(d.json, '$.sourced') s",
    ),
    "current_price": (
        "The usual rates that hold now: the newest entry of each offering.",
        "CREATE VIEW current_price AS SELECT o.provider, o.wire_id, o.version, p.meter, p.rate, p.currency, p.observed FROM price p "
        "JOIN offering o ON o.id = p.offering WHERE p.variant = 0 AND p.entry = (SELECT max(entry) FROM price q WHERE q.offering = p.offering)",
    ),
    "model_summary": (
        "One row a model: its default version with licence terms.",
        "CREATE VIEW model_summary AS SELECT v.model, v.version, v.name, v.publisher, v.family, v.status, v.released, v.weights, v.license, "
        "l.commercial, v.context, v.output, v.params, v.price_in, v.price_out, v.offers FROM version v LEFT JOIN license l ON l.id = v.license "
        "WHERE v.is_default = 1",
    ),
    "result": (
        "Every measurement of every run: run (its file), position in it, version, benchmark, metric, value (NULL where it may only be "
        "linked), stderr, samples, basis (reported, measured), evaluator, harness, date, variant, artifact, digest of the weights, and "
        "what makes it comparable (for speed, hardware and runtime too), how many questions there are, and why it is partial. Fast for one run; for one version ask for `run BETWEEN ref || '/' AND ref || '0'`.",
        "CREATE VIEW result AS SELECT d.id AS run, m.key AS position, rtrim(rtrim(d.id, replace(d.id, '/', '')), '/') AS version, "
        "json_extract(m.value, '$.benchmark') AS benchmark, coalesce(json_extract(m.value, '$.metric'), b.metric, '') AS metric, "
        "json_extract(m.value, '$.value') AS value, json_extract(m.value, '$.stderr') AS stderr, json_extract(m.value, '$.samples') AS samples, json_extract(d.json, '$.basis') AS basis, "
        "json_extract(d.json, '$.by') AS evaluator, json_extract(d.json, '$.harness.name') AS harness, json_extract(d.json, '$.harness.version') AS harness_version, "
        "json_extract(d.json, '$.date') AS date, json_extract(d.json, '$.variant') AS variant, json_extract(d.json, '$.artifact') AS artifact, json_extract(d.json, '$.digest') AS digest, "
        "json_extract(m.value, '$.shots') AS shots, json_extract(m.value, '$.task_version') AS task_version, json_extract(m.value, '$.filter') AS filter, "
        "json_extract(m.value, '$.split') AS split, json_extract(m.value, '$.subset') AS subset, json_extract(m.value, '$.dataset_revision') AS dataset_revision, "
        "json_extract(m.value, '$.prompt_digest') AS prompt_digest, json_extract(m.value, '$.chat_template_digest') AS chat_template_digest, "
        "json_extract(m.value, '$.withheld') AS withheld, json_extract(d.json, '$.source.url') AS url, "
        "json_extract(m.value, '$.hardware') AS hardware, json_extract(m.value, '$.devices') AS devices, json_extract(m.value, '$.runtime') AS runtime, json_extract(m.value, '$.runtime_version') AS runtime_version, json_extract(m.value, '$.concurrency') AS concurrency, json_extract(m.value, '$.batch') AS batch, json_extract(m.value, '$.input_tokens') AS input_tokens, json_extract(m.value, '$.output_tokens') AS output_tokens, json_extract(m.value, '$.total_samples') AS total_samples, json_extract(m.value, '$.partial') AS partial "
        "FROM document d, json_each(d.json, '$.metrics') m LEFT JOIN benchmark b ON b.id = json_extract(m.value, '$.benchmark') WHERE d.kind = 'results'",
    ),
    "approval": (
        "What signed statements say (catalog/approvals): path, version, tag, decision (approve, reject), person, made and expires (days), and sha256 of "
        "the governed values, the policy and the evidence that it is bound to. Whether the signature is good, `modelreg audit` tells. "
        "Fast for one version: ask for `path BETWEEN 'catalog/approvals/publisher/model/version/' AND 'catalog/approvals/publisher/model/version0'`.",
        "CREATE VIEW approval AS SELECT d.id AS path, json_extract(d.json, '$.subject[0].name') AS version, json_extract(d.json, '$.predicate.tag') AS tag, "
        "json_extract(d.json, '$.predicate.decision') AS decision, json_extract(d.json, '$.predicate.person') AS person, "
        "json_extract(d.json, '$.predicate.made') AS made, json_extract(d.json, '$.predicate.expires') AS expires, "
        "json_extract(d.json, '$.subject[0].digest.sha256') AS governed, json_extract(d.json, '$.predicate.policy') AS policy, "
        "json_extract(d.json, '$.predicate.evidence') AS evidence FROM document d "
        "WHERE d.kind = '' AND d.id BETWEEN 'catalog/approvals/' AND 'catalog/approvals0' AND d.json IS NOT NULL",
    ),
    "leaderboard": (
        "Headline scores with their benchmark and model.",
        "CREATE VIEW leaderboard AS SELECT s.benchmark, s.metric, v.ref, s.value, s.stderr, m.unit, m.better FROM score s "
        "JOIN version v ON v.number = s.version JOIN metric m ON m.benchmark = s.benchmark AND m.metric = s.metric",
    ),
}

#: Tables that are made from others, and hold no fact of their own.
DERIVED = ("posting", "span")

all_indexes: tuple[str, ...] = (
    *(f"CREATE UNIQUE INDEX {table.name}_key ON {table.name} ({', '.join(table.keys)})" for table in all_tables if table.wide),
    "CREATE INDEX version_ref ON version (ref)",
    "CREATE INDEX version_model ON version (model, position)",
    "CREATE INDEX version_upstream ON version (upstream_repo COLLATE NOCASE) WHERE upstream_repo IS NOT NULL",
    "CREATE INDEX model_slug ON model (slug)",
    "CREATE INDEX model_words ON model (words)",
    "CREATE INDEX offering_number ON offering (number)",
    "CREATE INDEX offering_wire ON offering (wire_id)",
    "CREATE INDEX offering_version ON offering (version)",
    "CREATE INDEX artifact_version ON artifact (version)",
    "CREATE INDEX artifact_uri ON artifact (uri COLLATE NOCASE)",
    "CREATE INDEX alias_folded ON alias (folded)",
    "CREATE INDEX alias_target ON alias (target)",
    "CREATE INDEX lineage_parent ON lineage (parent)",
    "CREATE INDEX scan_version ON scan (version)",
    "CREATE INDEX binding_model ON binding (model)",
)
