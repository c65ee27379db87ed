"""The contract: wire format, checks and points, kinds of failure, and their sentences."""
