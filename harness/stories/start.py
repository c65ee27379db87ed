"""The program starts, is reached, and ends."""


def test_listens(server):
    server.listens()


def test_banner(server):
    server.starts()
    server.prints_banner()


def test_default_address(server):
    server.starts_without_arguments()
    server.is_reached()


def test_restart(room, server):
    room.visits("ani", "budi")
    server.restarts_at_once()
    server.gives_way_to_itself()


def test_interrupt(room, server):
    room.visits("ani", "budi")
    server.is_interrupted()
    server.ends_politely(within=2)
