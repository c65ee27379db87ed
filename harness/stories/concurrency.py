"""One client at a time is easy; these have several that do not behave."""


def test_silent_newcomer(room):
    ani, budi = room.join("ani", "budi")
    diam = room.newcomer("diam")
    diam.is_asked()
    room.goes_on_beside(diam, ani, budi)


def test_thread_per_client(room, server):
    room.join("ani")
    before = server.count_threads()
    others = room.join("budi", "citra", "dewi")
    server.has_threads(before, more=len(others))


def test_slow_reader(room):
    ani, budi = room.join("ani", "budi")
    lambat = room.joins_and_stops_reading("lambat")
    room.fills_up(lambat, ani, budi)
    room.goes_on(ani, budi)
