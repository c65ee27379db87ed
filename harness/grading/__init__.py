"""A story told and judged: the reference as control, the verdict, the points."""
