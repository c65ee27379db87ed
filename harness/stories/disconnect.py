"""Clients leave: in order, by reset, in the middle of things. Nobody else may suffer."""


def test_leave(cleanup):
    cleanup.others_go_on("in order", "half-closed", "too long a line")


def test_reset(cleanup):
    cleanup.others_go_on("reset", "asleep")


def test_before_nickname(room, cleanup):
    ani, citra = room.join("ani", "citra")
    hilang = room.newcomer("hilang")
    hilang.connects()
    hilang.resets_at_once()
    room.goes_on(ani, citra)
    cleanup.others_go_on("before a name", "reset before a name", "refused", "invalid names")


def test_mid_line(room, cleanup):
    ani, budi, citra, dewi = room.join("ani", "budi", "citra", "dewi")
    for leaver in (budi, dewi):
        leaver.says_half(f"belum selesai {leaver.name}")
    budi.reads_to_the_end()
    dewi.resets()
    room.goes_on(ani, citra)
    cleanup.others_go_on("mid line", "reset mid line")
    room.double_fence(ani, citra)
    room.nobody_saw_a_half_line()


def test_mid_broadcast(room, explorer):
    # Whoever goes has somebody who stays behind it in a list of members.
    crowd = list(room.join(*(f"anggota {number}" for number in range(8))))
    go, stay = crowd[::2], crowd[1::2]
    said = room.some_leave_while_all_talk(stay, go)
    room.each_sees_exactly(stay, said)
    explorer.no_schedule_cuts_off_who_stays()


def test_nickname_freed(room, cleanup):
    room.join("ani")
    cleanup.names_are_free()


def test_no_spin(room, cleanup):
    room.join("ani")
    cleanup.cpu_is_idle()


def test_threads_freed(room, cleanup):
    room.join("ani")
    cleanup.threads_end()


def test_sockets_freed(room, cleanup):
    room.join("ani")
    cleanup.sockets_close()
