"""How Jupyter is started: on this machine only, with the course's settings."""

import json
import os
import sys
from pathlib import Path

from utils.course import lab


def test_jupyter_listens_here_only_and_opens_the_first_exercise():
    arguments = lab.command("9000", {"DISPLAY": ":0"}, root=False)
    assert "--ip=127.0.0.1" in arguments and "--port=9000" in arguments
    assert (lab.ROOT / lab.FIRST).exists() and any(a.endswith(lab.FIRST) for a in arguments)


def test_it_finds_this_pythons_programs_and_no_news_covers_the_lesson():
    made = lab.environment({"PATH": "/bin", "JUPYTER_CONFIG_PATH": "/own", "HOME": "/home"})
    assert made["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/bin"]
    first, second = map(Path, made["JUPYTER_CONFIG_PATH"].split(os.pathsep))
    settings = json.loads((first / "labconfig" / "page_config.json").read_text(encoding="utf-8"))
    assert settings["disabledExtensions"] == {"@jupyterlab/apputils-extension:announcements": True}
    assert second == Path("/own") and made["HOME"] == "/home"
