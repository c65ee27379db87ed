"""What the self-setup says, in both languages. Parses on Python 3.6."""

import sys

SENTENCES = {
    "too old": {
        "id": "Modul 4 membutuhkan Python 3.11 atau yang lebih baru, sedangkan ini Python {}: "
        "pasang dari python.org atau dari pengelola paket, lalu ulangi dengan Python itu.",
        "en": "Modul 4 needs Python 3.11 or newer and this is Python {}: install one from "
        "python.org or your package manager, then run this again with it.",
    },
    "making": {
        "id": "Menyiapkan lingkungan sendiri di .venv (sekali saja, biasanya kurang dari semenit) "
        "dengan {} ...",
        "en": "Setting up an environment of its own in .venv (once, mostly less than a minute) "
        "with {} ...",
    },
    "waiting": {
        "id": "Menunggu: perintah lain sedang menyiapkan .venv ...",
        "en": "Waiting: another command is setting up .venv ...",
    },
    "without": {
        "id": "Paket tambahan {} tidak dapat dipasang, maka {}; hapus .venv untuk mencoba lagi.",
        "en": "The optional package {} could not be installed, so {}; delete .venv to try again.",
    },
    "no venv": {
        "id": "Python ini tidak punya modul venv yang lengkap: di Debian atau Ubuntu jalankan "
        "`sudo apt install python3-venv python{}-venv`, di sistem lain pasang Python dari "
        "python.org, lalu ulangi perintah ini.",
        "en": "This Python lacks a complete venv module: on Debian or Ubuntu run "
        "`sudo apt install python3-venv python{}-venv`, elsewhere install Python from "
        "python.org, then run this again.",
    },
    "no packages": {
        "id": "Paket yang dibutuhkan tidak dapat dipasang: periksa sambungan internet (dan "
        "pengaturan pip atau proxy, kalau ada), lalu ulangi perintah ini; kata pip: {}",
        "en": "The packages needed could not be installed: check the network (and the settings "
        "of pip or a proxy, if any), then run this again; pip says: {}",
    },
    "not ours": {
        "id": "Folder .venv di sini bukan buatan Modul 4 dan tidak dapat dilengkapi: hapus atau "
        "pindahkan folder itu, lalu ulangi perintah ini; kata pip: {}",
        "en": "The .venv here was not made by Modul 4 and cannot be added to: delete it or move "
        "it away, then run this again; pip says: {}",
    },
    "not written": {
        "id": "Folder .venv tidak dapat dibuat di {} ({}): salin Modul 4 ke folder milikmu yang "
        "dapat ditulisi dan masih punya ruang, lalu ulangi perintah ini.",
        "en": "The folder .venv cannot be made in {} ({}): copy Modul 4 to a folder of your own "
        "that can be written and has space left, then run this again.",
    },
    "of no use": {
        "id": "Lingkungan di .venv sudah lengkap, tetapi paketnya tetap tidak terlihat: kosongkan "
        "variabel PYTHONPATH, hapus folder .venv, lalu ulangi perintah ini.",
        "en": "The environment in .venv is complete, yet its packages cannot be seen: unset "
        "PYTHONPATH, delete the folder .venv, then run this again.",
    },
}

LOST_WITHOUT = {
    "pyte": {
        "id": "pemeriksaan layar client tidak dijalankan",
        "en": "the checks of the client's screen are not run",
    },
    "psutil": {
        "id": "di luar Linux pemeriksaan utas, soket, dan CPU tidak dijalankan",
        "en": "outside Linux the checks of threads, sockets and CPU are not run",
    },
}


def sentence(about: str, lang: str, *values: object) -> str:
    """One sentence of the self-setup in the language `lang`."""
    return SENTENCES[about][lang].format(*values)


def tell(text: str) -> None:
    """Say `text` beside the results, not among them."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
