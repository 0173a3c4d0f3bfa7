"""Linli's settings and one more room, whose migrations are those of the folder that TEST_FUTURE names."""

import os

from linli.project.settings import *  # noqa: F403

INSTALLED_APPS += ["tests.project.growing"]  # noqa: F405
MIGRATION_MODULES = {"growing": f"tests.project.growing.{os.environ['TEST_FUTURE']}"}
