"""The table of kinds: name -> entity."""

from modelreg_cli.entities.base import Entity
from modelreg_cli.entities.decisions import Decisions, Snapshot
from modelreg_cli.entities.evidence import Benchmark, Results, Scan
from modelreg_cli.entities.license import License
from modelreg_cli.entities.model import Model, Publisher
from modelreg_cli.entities.offering import Offering, Provider
from modelreg_cli.entities.operation import Binding, Engine, Hardware, Runtime, Tenant
from modelreg_cli.entities.overlay import Overlay
from modelreg_cli.entities.policy import Policy
from modelreg_cli.entities.version import Version
from modelreg_cli.entities.vocabulary import Root, Tag, Vocabulary

all_kinds: dict[str, type[Entity]] = {
    "catalog": Root,
    "vocabulary": Vocabulary,
    "publisher": Publisher,
    "model": Model,
    "version": Version,
    "results": Results,
    "scan": Scan,
    "benchmark": Benchmark,
    "license": License,
    "provider": Provider,
    "offering": Offering,
    "runtime": Runtime,
    "hardware": Hardware,
    "engine": Engine,
    "binding": Binding,
    "tenant": Tenant,
    "tag": Tag,
    "overlay": Overlay,
    "decisions": Decisions,
    "snapshot": Snapshot,
}
#: Files beside the catalog that have a schema as well.
beside: dict[str, type[Entity]] = {"policy": Policy}
