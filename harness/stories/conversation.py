"""A short conversation of three people, each at a client of their own: told of each pair."""


def conversation(ani, budi, citra):
    halo = ani.types("halo semua")
    budi.sees_from(halo)
    citra.sees_from(halo)
    hai = budi.types("hai")
    ani.sees_from(hai)
    citra.sees_from(hai)
    budi.presses_ctrl_d()
    kabar = citra.types("apa kabar")
    ani.sees_from(kabar)
