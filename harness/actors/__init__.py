"""Who plays in a story: the stage, simulated clients, servers, and the person at a terminal."""
