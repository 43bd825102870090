"""Files of weights -> an artifact of a version, and what their headers say of the architecture."""
