"""Lets `pytest harness/` find the plugin; everything else is in `plugin.py`."""

pytest_plugins = ("harness.plugin",)
