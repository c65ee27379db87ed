"""The client, as the person at its terminal knows it; the server's side is played."""


def test_prompt(user):
    user.is_asked_exactly("Masukkan username: ")
    user.joins()
    user.is_asked_exactly(">> ")


def test_nickname(room, user, server, draw):
    room.join("budi")
    user.takes_name(draw.telling_name())
    server.holds_back_its_request()
    user.types_its_name_if_asked()
    user.types_ahead_if_it_gave_its_name("belum waktunya")
    server.has_heard_nothing()
    server.asks_exactly()
    user.gives_name()
    server.was_given(user.name)


def test_send(user, server, draw):
    user.joins()
    said = [user.types_exactly(text) for text in draw.typed_texts(user.name, server.somebody)]
    said.append(user.types_exactly(draw.wide_text()))
    user.presses_enter()
    said.append(user.types("halo"))
    server.hears_exactly(*said)


def test_receive(user, server):
    user.joins()
    for number in (1, 2, 3):
        said = server.says(f"kabar {number}")
        user.sees(said)
    user.sees_speaker_of(said)
    user.sees(server.says_exactly("NICK"))
    user.sees_text(server.gives_notice("pemberitahuan"))
    user.begins_to_type("pesan panjang")
    user.sees(server.says("sela"))
    server.hears_message(user.finishes_the_line())
    user.sees_after_silence("sesudah sepi")


def test_screen(user, server):
    user.sits_at_a_real_terminal()
    user.joins()
    halo = user.types("halo")
    server.hears_message(halo)
    user.is_ready()
    hai = server.says("hai")
    user.has_on_screen(
        user.name_prompt + user.name,
        user.chat_prompt + halo.text,
        hai.line,
        user.chat_prompt,
    )
    kabar = server.says("kabar")
    user.sees(kabar)
    baik = user.types("baik")
    user.has_on_screen(
        user.name_prompt + user.name,
        user.chat_prompt + halo.text,
        hai.line,
        kabar.line,
        user.chat_prompt + baik.text,
        user.chat_prompt,
    )


def test_retry(room, user, server):
    # More often than a loop that counts to three, or to five, goes round.
    for attempt in ("pertama", "kedua", "ketiga", "keempat", "kelima", "keenam"):
        reason = server.refuses(user.gives_name(attempt), f"alasan {attempt}")
        user.sees_text(reason)
        user.is_asked_again()
    server.accepts(user.gives_name("ketujuh"))
    server.has_heard_of(user.name)
    user.is_asked_for_messages(unlike=room.newcomer("orang lain lagi"))
    server.hears_message(user.types("halo"))
    server.was_called_once()


def test_framing(user, server, draw):
    server.holds_back_its_request()
    user.types_its_name_if_asked()
    server.asks_in_pieces("NICK\r\n", 2, 5)
    user.sees(*server.accepts_and_says(user.gives_name(), "pertama", "kedua"))
    for text in draw.texts(2):
        user.sees(server.says_in_pieces(text, 4, 9))
    user.sees(*server.says_together(*draw.texts(3), line_end="\r\n"))
    text = draw.wide_text()
    user.sees(server.says_in_pieces(text, *draw.cuts_inside_characters(text)))
    for text in [*draw.separated_texts(is_ascii=True), *draw.separated_texts(is_ascii=False)]:
        user.sees_on_one_line(server.says_exactly(text))


def test_burst(user, server, draw):
    user.joins()
    user.sees_in_order(server.says_together(*draw.texts(1000)))


def test_server_gone(room):
    ani, budi = room.join("ani", "budi")
    ani.server.hangs_up()
    budi.server.resets()
    for user in (ani, budi):
        user.ends(within=2, status=1)
        user.was_told_why()


def test_no_server(room):
    ani, budi, citra = room.newcomers("ani", "budi", "citra")
    ani.connects_where_it_is_told()
    budi.connects_by_default()
    citra.finds_nobody()
    citra.ends(within=5, status=1)
    citra.was_told_why(unlike=ani)


def test_quit(room):
    citra, dewi = room.start("citra", "dewi")
    ani, budi = room.join("ani", "budi")
    for user in (citra, dewi):
        user.is_asked_for_its_name()
    # One after the other: what came of a key is told right behind it.
    ani.presses_ctrl_d()
    ani.ends(within=5, status=0)
    ani.server.sees_the_end()
    budi.presses_ctrl_c()
    budi.ends(within=5, status=0)
    budi.server.sees_the_end()
    citra.presses_ctrl_d()
    citra.ends(within=5, status=0)
    dewi.presses_ctrl_c()
    dewi.ends(within=5, status=0)
