"""Clients leave: in order, by reset, in the middle of things. Nobody else may suffer."""


def test_leave(room):
    ani, budi, citra = room.join("ani", "budi", "citra")
    budi.leaves()
    room.goes_on(ani, citra)


def test_reset(room):
    ani, budi, citra = room.join("ani", "budi", "citra")
    budi.resets()
    room.goes_on(ani, citra)


def test_before_nickname(room):
    ani, citra = room.join("ani", "citra")
    before = {each: each.takes_note() for each in (ani, citra)}
    pemalu, kabur, hilang = map(room.newcomer, ("pemalu", "kabur", "hilang"))
    pemalu.is_asked()
    pemalu.leaves()
    kabur.is_asked()
    kabur.resets()
    hilang.connects()
    hilang.resets_at_once()
    room.goes_on(ani, citra)
    room.nobody_saw_a_nameless_line(since=before)


def test_mid_line(room):
    ani, budi, citra, dewi = room.join("ani", "budi", "citra", "dewi")
    half = budi.says_half("belum selesai")
    other_half = dewi.says_half("juga belum")
    budi.reads_to_the_end()
    dewi.resets()
    room.goes_on(ani, citra)
    room.double_fence(ani, citra)
    for said in (half, other_half):
        ani.never_saw_half(said)
        citra.never_saw_half(said)


def test_mid_broadcast(room, explorer):
    # Whoever goes has somebody who stays behind it in a list of members.
    crowd = list(room.join(*(f"anggota {number}" for number in range(8))))
    go, stay = crowd[::2], crowd[1::2]
    said = room.some_leave_while_all_talk(stay, go)
    room.each_sees_exactly(stay, said)
    explorer.no_schedule_cuts_off_who_stays()


def test_nickname_freed(room):
    ani, budi, citra = room.join("ani", "budi", "citra")
    budi.leaves()
    room.is_free_again(budi.name)
    citra.resets()
    room.is_free_again(citra.name)


def test_no_spin(room, server):
    room.join("ani")
    room.come_and_go("tamu")
    server.rests()


def test_threads_freed(room):
    room.join("ani")
    room.threads_are_freed()


def test_sockets_freed(room):
    room.join("ani")
    room.sockets_are_freed()
