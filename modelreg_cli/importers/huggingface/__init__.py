"""The Hugging Face hub: what a repository's own metadata say of a model."""
