"""How many weights a model of safetensors has, counted over its tensors."""

import math
import re

from modelreg_cli.weights.safetensors import Safetensors, Tensor

#: Numbers that are weights each. F8_E8M0 holds scales only.
_WEIGHTS = frozenset(("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F6_E2M3", "F6_E3M2", "F4"))
#: What quantization adds to a layer; no weights of the model.
_SCALES = re.compile(r"(?:_scale|_scale_inv|_scale_2|\.scales|_scales|_zero_point)\Z")
#: So small a share of whole numbers is buffers, such as positions; more are weights packed together.
_BUFFERS = 0.001
#: Bytes of tensors by type -> how a file as a whole is called.
_NAMES = {"BF16": "bf16", "F16": "f16", "F32": "f32", "F64": "f64", "F8_E4M3": "fp8", "F8_E5M2": "fp8"}


def count(header: Safetensors, experts: dict[str, int] | None) -> dict[str, int] | None:
    """All weights, and those that one token uses (of the experts, its share); None where some are packed."""
    weights = [tensor for tensor in header.tensors if tensor.type in _WEIGHTS and not _SCALES.search(tensor.name)]
    others = sum(tensor.elements for tensor in header.tensors if tensor.type not in _WEIGHTS and not _is_scale(tensor))
    total = sum(tensor.elements for tensor in weights)
    if not total or others > total * _BUFFERS:
        return None
    inside = sum(tensor.elements for tensor in weights if ".experts." in tensor.name)
    if not experts or not experts.get("total") or not experts.get("active") or not inside:
        return {"total": total}
    return {"total": total, "active": total - inside + math.ceil(inside * experts["active"] / experts["total"])}


def precision(header: Safetensors) -> str | None:
    """The type of most of the bytes, in the catalog's words."""
    sums: dict[str, int] = {}
    for tensor in header.tensors:
        sums[tensor.type] = sums.get(tensor.type, 0) + tensor.bytes
    return _NAMES.get(max(sums, key=lambda kind: sums[kind])) if sums else None


def _is_scale(tensor: Tensor) -> bool:
    return tensor.type == "F8_E8M0" or _SCALES.search(tensor.name) is not None
