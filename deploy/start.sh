#!/bin/sh
# What a learner's container runs: their copies brought up to date in their own volume, then their server.
set -eu
cd /home/learner
for part in utils data benchmarks pyproject.toml requirements.txt; do
  [ -e "$part" ] || ln -s "/course/$part" "$part"
done
python -c 'from pathlib import Path; from utils.course.hub.copies import bring_up_to_date as up; print("written:", *up(Path.home(), Path.home() / ".given.json"))'
export COURSE_PROGRESS="$HOME/.progress.json" COURSE_ATTEMPTS="$HOME/.attempts.jsonl"
exec jupyterhub-singleuser --ServerApp.root_dir="$HOME" --ServerApp.default_url=/lab/tree/exercises --LabApp.news_url=
