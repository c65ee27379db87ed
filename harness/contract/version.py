"""The version of the kit, written into every results file; pyproject.toml says the same."""

VERSION = "0.1.0"
