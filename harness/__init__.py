"""The grader of Modul 4: `pytest harness/`, or `python -m harness` for students."""
