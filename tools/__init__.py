"""What `run.py` does: set up the environment, run commands and checks, write the locks.

Only the standard library is used, since this runs before anything is installed.
"""
