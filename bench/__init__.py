"""The figures of the README: `python -m bench [NAME...]` measures them anew on this machine."""
