"""What runs inside the student's process: a scheduler, a network in memory, and the actors.

Standard library only, nothing of the harness: `launcher.py` loads this folder under a name of
its own, so that the submission's modules can never be mistaken for ours.
"""
