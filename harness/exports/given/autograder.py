"""Grades a submission in the runner of Classroom 50; copied beside the hand-out, `modul4-lab`.

Source: foundation50/classroom50, wiki/Advanced-Autograding.md, "Contract": the current folder is
the student's checkout, other files of the bundle lie beside this one, `result.json` is written to
the current folder, and a status other than 0 says that the machine was in trouble.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

KIT = Path(__file__).resolve().parent / "modul4-lab" / "harness"
PASSED, FAILED = 0, 1


def main() -> int:
    """Do it; returns 0 where there is a grade, whatever it is."""
    here = Path.cwd()
    at_home = here / "modul4" / "1.contoh"
    submission = at_home if at_home.is_dir() else here
    with tempfile.TemporaryDirectory() as work:
        results = Path(work) / "results.json"
        grade = [f"--submission={submission}", f"--results={results}"]
        status = subprocess.run([sys.executable, str(KIT), *grade]).returncode
        if status not in (PASSED, FAILED):
            return status
        export = ["export", str(results), "--to=classroom50", f"--out={here / 'result.json'}"]
        return subprocess.run([sys.executable, str(KIT), *export]).returncode


if __name__ == "__main__":
    sys.exit(main())
