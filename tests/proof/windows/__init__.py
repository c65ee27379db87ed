"""The kit on a Windows Python under wine, set up from nothing: `python -m harness windows`.

`wine` brings wine and runs programs in it, `windows_python` a CPython for Windows with the packages
of the kit, `windows_cases` says what is graded there and what must come out, `wine_faults` what
wine does otherwise than Windows, and `windows_proof` is the command.

What wine shows is evidence and no proof: whoever has a Windows machine should run the kit there.
"""
