"""A whole class: what was handed in, found in whatever form it came, graded, and put in a table."""
