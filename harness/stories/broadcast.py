"""Chat messages: who gets them, who does not, and in what form."""


def test_delivers(room):
    ani, budi, citra = room.join("ani", "budi", "citra")
    # First one who has joined between two others.
    for speaker, text in ((budi, "halo"), (ani, "hai"), (citra, "apa kabar")):
        room.all_others_see(speaker, speaker.says(text))


def test_format(room, draw, server, cleanup):
    ani, budi, citra = room.join("ani", "budi", "citra")
    lines = [citra.says("hai"), ani.says("halo")]
    disguised = draw.disguised_texts(ani.name, budi.name)
    lines += map(ani.says_alone, [*disguised, draw.text("selesai")])
    budi.sees(lines[0], lines[-1])
    budi.has_seen_exactly(*lines)
    cleanup.everybody_comes_and_goes()
    server.notices()
    room.nobody_saw_a_stray_line()


def test_not_to_sender(room):
    ani, budi, citra = room.join("ani", "budi", "citra")
    said = ani.says("halo")
    budi.sees(said)
    room.double_fence(ani, budi)
    room.double_fence(budi, citra)
    room.waits_for_timers()
    room.reads_to_the_end(ani, budi)
    room.nobody_heard_themselves()


def test_order(room, draw):
    ani, budi, citra = room.join("ani", "budi", "citra")
    texts = draw.texts(24)
    said = [ani.says_exactly(text) for text in texts[:12]]
    said += ani.says_together(*texts[12:])
    room.each_sees_exactly([budi, citra], {ani.name: said})
    room.double_fence(ani, budi)
    room.each_sees_exactly([budi, citra], {ani.name: said})


def test_joined_only(room):
    ani, budi = room.join("ani", "budi")
    tamu = room.newcomer("tamu")
    tamu.is_asked()
    said = ani.says("rahasia")
    budi.sees(said)
    room.double_fence(ani, budi)
    unheard = tamu.answers_with_a_message("bukan nama saya")
    room.double_fence(ani, budi)
    tamu.joins_after_all()
    tamu.reads_to_the_end()
    tamu.never_saw(said)
    ani.never_saw_chat(unheard)
    budi.never_saw_chat(unheard)


def test_framing(room, draw):
    ani, budi, eko = room.join("ani", "budi", "eko")
    for text in draw.texts(2):
        budi.sees(ani.says_in_pieces(text, 3, 4, len(text)))
    half = ani.says_half("setengah")
    budi.sees(eko.says("sela"))
    budi.sees(ani.finishes(half.text, draw.text("selesai")))
    for text in draw.separated_texts(is_ascii=True):
        budi.sees(ani.says_exactly(text))
    budi.sees_from(*ani.says_together(*draw.texts(3)))
    first, second = draw.texts(2)
    budi.sees_from(*ani.says_together_in_pieces(first, second, cuts=[len(first) + 4]))
    budi.has_seen_no_piece_of(*ani.said)
    citra, dewi = map(room.newcomer, ("citra", "dewi"))
    citra.is_asked()
    citra.answers_in_pieces(2, 4)
    citra.is_accepted()
    dewi.is_asked()
    said = dewi.answers_and_says("sekaligus")
    dewi.is_accepted()
    budi.sees_from(citra.says("utuh"))
    budi.sees_what_came_with_the_name(said)


def test_unicode(room, draw):
    ani, budi = room.join("ani", "budi")
    budi.sees(ani.says_exactly(draw.wide_text()))
    text = draw.wide_text()
    budi.sees(ani.says_in_pieces(text, *draw.cuts_inside_characters(text)))
    for text in draw.separated_texts(is_ascii=False):
        budi.sees(ani.says_exactly(text))


def test_long_line(room, draw):
    ani, budi = room.join("ani", "budi")
    for size in (1025, 2049, 4096):
        budi.sees(ani.says_exactly(draw.long_text(size)))


def test_empty(room, server):
    ani, budi, citra = room.join("ani", "budi", "citra")
    ani.sends_bytes(b"\n")
    ani.sends_bytes(b"\r\n")
    room.double_fence(ani, budi)
    budi.has_seen_no_empty_line([ani.name])
    server.notices()
    dewi = room.newcomer("dewi")
    dewi.is_asked()
    dewi.answers_from_windows()
    dewi.is_accepted()
    citra.sends_bytes(b"\xff\xfe\x80 \xc3(\n")
    room.goes_on(ani, budi)


def test_log(room, server):
    ani, budi, citra = room.join("ani", "budi", "citra")
    server.settles()
    server.logs(ani.says("halo"))
    server.logs(budi.says("hai"))
    server.logs(citra.says("apa kabar"))


def test_crowd(room, explorer):
    crowd = room.crowd()
    said = room.all_talk_at_once(crowd)
    room.each_sees_exactly(crowd, said)
    explorer.no_schedule_mixes_lines()
