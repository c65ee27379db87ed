"""Ground floor: facts and rules that know nothing of sockets, processes or pytest."""
