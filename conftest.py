"""Quiet TensorFlow, progress kept apart, and a place on the path for the library: for every test."""

import os
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["COURSE_PROGRESS"] = os.path.join(tempfile.mkdtemp(prefix="course-"), "progress.json")
