"""Students' code is confined where that is possible, and these tests then insist on it."""

import os

from grading.confinement import UNCONFINED, missing

if missing():
    os.environ[UNCONFINED] = "yes"
