"""A catalog as it would be with some files written or gone: what is about to be written is checked first."""

from collections.abc import Mapping
from dataclasses import replace

from modelreg_cli.catalog.layers import Layered, over
from modelreg_cli.catalog.load import Catalog, case_collisions, ids_of, load, load_file
from modelreg_cli.catalog.tree import Folder, Planned


def with_texts(catalog: Catalog, folder: Folder, texts: Mapping[str, str | None]) -> Catalog:
    """What `load` makes of the planned tree, from the catalog of the folder: only these files are read."""
    tree = over(Planned(folder, texts))
    if isinstance(tree, Layered) and any(map(tree.concerns, texts)):
        return load(tree)
    paths = tree.paths()
    by_kind = dict(catalog.by_kind)
    refused = {kind: set(ids) for kind, ids in catalog.refused.items()}
    findings = [one for one in catalog.findings if one.path not in texts]
    for path, text in texts.items():
        for kind, ids in ids_of([path]).items():
            by_kind[kind] = {id_: loaded for id_, loaded in by_kind.get(kind, {}).items() if id_ not in ids}
            refused.get(kind, set()).difference_update(ids)
        if text is None:
            continue
        loaded, wrong = load_file(path, text.encode("utf-8"))
        findings.extend(wrong)
        if loaded:
            files = {**by_kind[loaded.location.kind], loaded.location.id: loaded}
            by_kind[loaded.location.kind] = dict(sorted(files.items(), key=lambda item: item[1].location.path))
        else:
            for kind, ids in ids_of([path]).items():
                refused.setdefault(kind, set()).update(ids)
    findings.extend(one for one in case_collisions(paths) if one not in findings)
    return replace(catalog, tree=tree, by_kind=by_kind, findings=findings, files=len(paths), refused=refused)
