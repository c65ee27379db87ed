"""Reports, named by their reader: results in, text out."""
