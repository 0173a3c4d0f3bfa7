"""A plan of faults as a YAML file: the same keys as over the control plane."""

from pathlib import Path

import yaml

from wecom_sandbox.errors import ControlError


def read_scenario(text: str, name: str = "the scenario") -> object:
    """Parse YAML; what is in it is checked by `rules.read_plan`."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ControlError(400, f"{name} is not YAML: {error}") from error


def load_scenario(path: Path) -> object:
    """Read a scenario file."""
    try:
        return read_scenario(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise ControlError(400, f"{path} cannot be read: {error.strerror}") from error
