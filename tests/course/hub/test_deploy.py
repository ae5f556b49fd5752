"""The recipe for Kubernetes: values that the chart's own schema takes, an image that holds what a learner needs."""

import os
import re
from pathlib import Path

import pytest
import yaml

from utils.course.source import ROOT

DEPLOY = ROOT / "deploy"
VALUES = yaml.safe_load((DEPLOY / "values.yaml").read_text(encoding="utf-8"))


def over(defaults: dict, chosen: dict) -> dict:
    """What helm makes of a chart's values and ours."""
    return defaults | {
        key: over(defaults[key], value) if isinstance(value, dict) and isinstance(defaults.get(key), dict) else value
        for key, value in chosen.items()
    }


def test_the_charts_schema_takes_the_values():
    """CHART names the folder of the chart, zero-to-jupyterhub-k8s/jupyterhub."""
    jsonschema = pytest.importorskip("jsonschema")
    if not (chart := os.environ.get("CHART")):
        pytest.skip("CHART does not name the folder of the chart, whose schema and values are wanted")
    schema, defaults = (
        yaml.safe_load(Path(chart, name).read_text(encoding="utf-8")) for name in ("values.schema.yaml", "values.yaml")
    )
    jsonschema.validate(over(defaults, VALUES), schema)


def test_nobody_comes_in_without_tls_and_a_real_login():
    assert VALUES["proxy"]["https"]["enabled"]
    chosen = VALUES["hub"]["config"]["JupyterHub"]["authenticator_class"]
    assert "dummy" not in chosen and chosen in ("generic-oauth",)
    assert not VALUES["hub"]["config"]["JupyterHub"]["admin_access"]
    assert not VALUES["singleuser"]["allowPrivilegeEscalation"]


def test_the_image_copies_what_is_there():
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY --chown=root:root (.*)$", text, flags=re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
    assert VALUES["singleuser"]["cmd"][1] == "/course/start.sh" and "/course/start.sh" in text


def test_limits_leave_room_for_what_is_promised():
    memory = VALUES["singleuser"]["memory"]
    assert float(memory["guarantee"].rstrip("G")) < float(memory["limit"].rstrip("G"))
    assert VALUES["singleuser"]["cpu"]["guarantee"] < VALUES["singleuser"]["cpu"]["limit"]
