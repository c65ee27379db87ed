"""The handshake: asked for a nickname, accepted or refused."""


def test_request(room):
    ani = room.newcomer("ani")
    ani.is_asked_exactly()


def test_accept(room, draw):
    (ani,) = room.join("ani")
    ani.was_accepted_exactly()
    for name in draw.valid_nicknames():
        room.newcomer_called(name).joins()


def test_log(room, server):
    ani = room.newcomer("ani")
    ani.connects(bind_to=room.another_address())
    ani.joins()
    server.logs_joining_of(ani)
    (budi,) = room.join("budi")
    server.logs_joining_of(budi)
    for citra in room.had_to_choose_again(ani):
        server.logs_joining_of(citra)
        server.logs_no_joining_of(citra, ani)


def test_unique(room):
    (ani,) = room.join("ani")
    penyamar, peniru = map(room.newcomer, ("penyamar", "peniru"))
    penyamar.is_asked()
    before = ani.takes_note()
    penyamar.is_refused(ani.name, ani)
    ani.was_left_alone(since=before)
    penyamar.joins_after_all()
    peniru.is_asked()
    peniru.is_refused(ani.name, ani)
    ani.is_still_there()
    room.has_seen_to_work("nickname.unique")
    peniru.was_refused_exactly(ani.name)
    room.holder_keeps_its_name(ani, refused=peniru, witness=penyamar)


def test_retry(room):
    (ani,) = room.join("ani")
    budi = room.newcomer("budi")
    budi.is_asked()
    budi.must_be_refused(ani.name, about="nickname.unique")
    budi.joins_again()
    room.is_held(budi)
    room.hears_after_refusal(ani, budi)


def test_invalid(room, draw):
    for name in draw.invalid_nicknames():
        ani = room.newcomer(f"pemilih {name}")
        ani.is_asked()
        ani.is_refused(name)
        ani.steps_aside()
    room.spaces_leave_no_name_behind("tamu berspasi")


def test_race(room, explorer):
    for attempt in ("pertama", "kedua", "ketiga"):
        room.exactly_one_gets(attempt, rivals=10)
    explorer.no_schedule_gives_a_name_twice()
