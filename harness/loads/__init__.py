"""Load on a server: many simulated clients from one process, what it costs, and how fast it is."""
