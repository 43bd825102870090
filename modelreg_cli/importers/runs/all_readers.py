"""The readers, and which of them reads a file."""

from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.importers.runs.helm import Helm
from modelreg_cli.importers.runs.hub import EvalResults, ModelIndex
from modelreg_cli.importers.runs.inspect_ai import Inspect
from modelreg_cli.importers.runs.lm_eval import LmEval
from modelreg_cli.importers.runs.material import Material
from modelreg_cli.importers.runs.run import Reader, Run
from modelreg_cli.importers.runs.samples import Samples

all_readers: tuple[Reader, ...] = (LmEval(), Inspect(), Helm(), EvalResults(), ModelIndex(), Samples())


def runs_of(material: Material, form: str | None) -> list[Run]:
    """All runs of a file, by the reader that is named, else by the one that knows its contents.

    Raises:
        ModelregError: no reader is called so, none knows the contents, or the file is broken.
    """
    by_name = {reader.name: reader for reader in all_readers}
    if form is not None and form not in by_name:
        raise ModelregError(f"no format is called {form!r}", did_you_mean(form, by_name) or f"known: {', '.join(by_name)}")
    reader = by_name[form] if form else next((reader for reader in all_readers if reader.knows(material)), None)
    if reader is None:
        looked = "; ".join(f"{one.name}: {one.looks_for}" for one in all_readers)
        raise ModelregError(f"{material.path} has no form that is known here", f"looked for {looked}")
    if form and not reader.knows(material):
        raise ModelregError(f"{material.path} is no file of {form}", f"looked for {reader.looks_for}")
    return reader.runs(material)
