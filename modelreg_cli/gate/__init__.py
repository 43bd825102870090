"""The gate: facts of a proposed change -> a verdict. What it decides is in docs/gate.md."""
