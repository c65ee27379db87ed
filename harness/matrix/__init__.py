"""The kill matrix: every chaff and every wheat graded, and compared with what must come out.

field     what is graded: the programs, and what is expected of each
grading   one grading run as a process of its own, and the outcomes that it wrote
verdict   expected against seen, in sentences
picture   the matrix as text for the terminal, and as a page for docs/
door      `python -m harness matrix`
paragraphs, misconceptions, leave_one_out
          what diagnosis knows of the chaff, for students and as data; how often it is right
"""
