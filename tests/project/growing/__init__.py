"""A room that is only there to be upgraded: each folder is one future of its migrations (see test_upgrade.py)."""
