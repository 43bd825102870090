"""What running servers list: models that are new, known, changed or gone."""
