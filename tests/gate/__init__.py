"""The gate: who may give a protected tag, and what it must have earned."""
