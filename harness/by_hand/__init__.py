"""The student is the scheduler: a story of threads and clients that is played by hand."""
