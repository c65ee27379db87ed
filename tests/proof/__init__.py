"""What proves the kit: the commands of its maintainers (matrix, soak, races, bench, skeleton)."""
