"""What the set-up says, in both languages, and how it shows its progress. Parses on Python 3.6."""

import os
import re
import sys
import time

SENTENCES = {
    "too old": {
        "id": "Modul 4 membutuhkan Python 3.11 atau yang lebih baru, sedangkan ini Python {}: "
        "pasang yang baru dari python.org atau dengan pengelola paket, lalu ulangi dengan itu.",
        "en": "Modul 4 needs Python 3.11 or newer and this is Python {}: install one from "
        "python.org or your package manager, then run this again with it.",
    },
    # What is done, and why.
    "making": {
        "id": "Menyiapkan lingkungan di .venv (sekali saja, biasanya di bawah semenit).",
        "en": "Setting up an environment in .venv (once, mostly less than a minute).",
    },
    "file": {
        "id": ".venv bukan folder, maka lingkungan baru dibuat sebagai gantinya.",
        "en": ".venv is not a folder, so a new environment is made in its place.",
    },
    "broken": {
        "id": "Python di .venv tidak bisa dijalankan, maka lingkungan baru dibuat.",
        "en": "The Python in .venv cannot be run, so a new environment is made.",
    },
    "old": {
        "id": "Python di .venv lebih tua dari 3.11, maka lingkungan baru dibuat.",
        "en": "The Python in .venv is older than 3.11, so a new environment is made.",
    },
    "lacking": {
        "id": "Lingkungan di .venv tidak lengkap lagi, maka dibuat yang baru.",
        "en": "The environment in .venv is not complete any more, so a new one is made.",
    },
    "adding": {
        "id": "Menambahkan paket yang dibutuhkan ke .venv buatanmu.",
        "en": "Adding the packages needed to the .venv that you made.",
    },
    "kept": {
        "id": "Yang lama disimpan sebagai {}; hapus kalau tidak diperlukan.",
        "en": "The old one is kept as {}; delete it if you do not need it.",
    },
    "without": {
        "id": "Paket tambahan {} tidak dapat dipasang, maka {}; hapus .venv untuk mencoba lagi; "
        "kata pip: {}",
        "en": "The optional package {} could not be installed, so {}; delete .venv to try again; "
        "pip says: {}",
    },
    # The stages.
    "stage venv": {"id": "membuat lingkungan Python", "en": "making a Python environment"},
    "stage pip": {"id": "memasang {}", "en": "installing {}"},
    "done": {"id": "Selesai dalam {} detik.", "en": "Done in {} seconds."},
    # Why it cannot be done.
    "no venv": {
        "id": "Python ini tidak punya modul venv yang lengkap: di Debian atau Ubuntu jalankan "
        "`sudo apt install python3-venv python{}-venv`, di sistem lain pasang Python dari "
        "python.org, lalu ulangi perintah ini.",
        "en": "This Python lacks a complete venv module: on Debian or Ubuntu run "
        "`sudo apt install python3-venv python{}-venv`, elsewhere install Python from "
        "python.org, then run this again.",
    },
    "disk": {
        "id": "Ruang disk habis: kosongkan sekitar 100 MB (juga di folder sementara), lalu ulangi "
        "perintah ini; kata sistem: {}",
        "en": "The disk is full: free about 100 MB (in the temporary folder too), then run this "
        "again; the system says: {}",
    },
    "certificate": {
        "id": "Server paket memakai sertifikat yang tidak dikenal komputer ini: periksa jam "
        "komputer; kalau jaringanmu memakai sertifikat sendiri, tunjukkan filenya dengan "
        "variabel PIP_CERT, lalu ulangi perintah ini; kata pip: {}",
        "en": "The package server has a certificate that this machine does not know: check the "
        "clock; if your network has a certificate authority of its own, name its file in the "
        "variable PIP_CERT, then run this again; pip says: {}",
    },
    "network": {
        "id": "Server paket tidak dapat dihubungi: periksa sambungan internet (dan proxy, kalau "
        "ada), lalu ulangi perintah ini; kata pip: {}",
        "en": "The package server cannot be reached: check the network (and the proxy, if any), "
        "then run this again; pip says: {}",
    },
    "no wheel": {
        "id": "Sebuah paket tidak tersedia dalam bentuk jadi untuk Python ini: ulangi perintah ini "
        "dengan Python biasa versi lain, 3.11 atau lebih baru; kata pip: {}",
        "en": "A package does not come ready-made for this Python: run this again with an "
        "ordinary Python of another version, 3.11 or newer; pip says: {}",
    },
    "no such package": {
        "id": "Server paket tidak punya paket yang cocok: periksa pengaturan pip (`pip config "
        "list`), lalu ulangi perintah ini; kata pip: {}",
        "en": "The package server has no package that fits: check the settings of pip (`pip "
        "config list`), then run this again; pip says: {}",
    },
    "other": {
        "id": "Lingkungan di .venv tidak dapat disiapkan: atasi sebab berikut, lalu ulangi "
        "perintah ini: {}",
        "en": "The environment in .venv could not be set up: mend this cause, then run this "
        "again: {}",
    },
    "no pip": {
        "id": "Folder .venv di sini bukan buatan Modul 4 dan tidak punya pip: pindahkan folder "
        "itu, lalu ulangi perintah ini; kata Python: {}",
        "en": "The .venv here was not made by Modul 4 and has no pip: move it away, then run this "
        "again; Python says: {}",
    },
    "elsewhere": {
        "id": "pip berhasil, tetapi paketnya tidak ada di .venv: periksa pengaturan pip (target, "
        "prefix, constraint; `pip config list`), lalu ulangi perintah ini.",
        "en": "pip succeeded, yet its packages are not in .venv: check the settings of pip "
        "(target, prefix, constraint; `pip config list`), then run this again.",
    },
    "not written": {
        "id": "Folder .venv tidak dapat dibuat di {} ({}): salin Modul 4 ke folder milikmu yang "
        "dapat ditulisi, lalu ulangi perintah ini.",
        "en": "The folder .venv cannot be made in {} ({}): copy Modul 4 to a folder of your own "
        "that can be written, then run this again.",
    },
    "of no use": {
        "id": "Lingkungan di .venv sudah lengkap, tetapi paketnya tetap tidak terlihat: kosongkan "
        "variabel PYTHONPATH, lalu ulangi perintah ini.",
        "en": "The environment in .venv is complete, yet its packages cannot be seen: unset "
        "PYTHONPATH, then run this again.",
    },
}

LOST_WITHOUT = {
    "pyte": {
        "id": "pemeriksaan layar client tidak dijalankan",
        "en": "the checks of the client's screen are not run",
    },
    "psutil": {
        "id": "di luar Linux pemeriksaan thread, socket, dan CPU tidak dijalankan",
        "en": "outside Linux the checks of threads, sockets and CPU are not run",
    },
    "jinja2": {
        "id": "halaman --report tidak bisa ditulis",
        "en": "the page of --report cannot be written",
    },
    "pytest-xdist": {
        "id": "selftest menjalankan tesnya satu per satu",
        "en": "selftest runs its tests one after the other",
    },
}


# Why pip or venv failed, by a line of what it said. The first cause that is found counts: without
# a network pip says in the end that there is no such package.
CAUSES = (
    ("no pip", r"No module named '?pip"),
    (
        "disk",
        r"No space left|No usable temporary|Disk quota exceeded|not enough space|Errno (28|122)\b",
    ),
    ("certificate", r"(?i)certificate.verify.failed|certificate is not trusted"),
    (
        "network",
        r"NewConnectionError|ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError"
        r"|Failed to (conn|establish)|Max retries|name resolution|getaddrinfo|timed out"
        r"|Connection (refused|reset)|Network is unreachable|RemoteDisconnected",
    ),
    (
        "no wheel",
        r"subprocess-exited-with-error|metadata-generation-failed|Failed (building|to build)",
    ),
    ("no such package", r"No matching distribution|Could not find a version"),
)


def sentence(about: str, lang: str, *values: object) -> str:
    """One sentence of the set-up in the language `lang`."""
    return SENTENCES[about][lang].format(*values)


def tell(text: str) -> None:
    """Say `text` beside the results, not among them."""
    if sys.stderr:  # None where a shell has closed it
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def cause_of(said: str) -> "tuple[str, str]":
    """Which sentence tells why pip or venv failed, and the line of what they said for it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["-"]
    for cause, pattern in CAUSES:
        telling = [line for line in lines if re.search(pattern, line)]
        if telling:
            # What was run to build a package says more than pip does after it.
            built = [i for i, line in enumerate(lines) if line == "[end of output]"]
            words = lines[built[0] - 1] if built and cause == "no wheel" else telling[-1]
            return cause, re.sub(r".*(connection broken by|Caused by) ", "", words)[:300]
    # Newer versions of pip add hints and notes after the error.
    errors = [line for line in lines if re.match(r"(ERROR|\w*Error): |×", line)]
    plain = [line for line in lines if not re.match(r"(hint|note|WARNING): |\[notice\]", line)]
    return "other", (errors or plain or lines)[-1][:300]


class SetupProgress:
    """Shows which of `total` stages is being done: a line that changes, or a line a stage.

    On a terminal the line also holds the seconds passed and what the stage said last.
    """

    def __init__(self, total: int, lang: str):
        self.total = total
        self.lang = lang
        self.done = 0
        self.stage = ""
        self.began = time.monotonic()
        is_terminal = bool(sys.stderr) and sys.stderr.isatty()
        self.can_change = is_terminal and os.environ.get("TERM") != "dumb"
        self.width = 0

    def next(self, about: str, *values: object) -> None:
        """Enter the next stage."""
        self.done += 1
        self.stage = f"  [{self.done}/{self.total}] {sentence(about, self.lang, *values)}"
        if self.can_change:
            self.show()
        else:
            tell(self.stage)

    def show(self, detail: str = "") -> None:
        """Bring the line up to date."""
        if not self.can_change:
            return
        import shutil  # 7 ms, for nothing in most runs

        seconds = int(time.monotonic() - self.began)
        line = f"{self.stage}  {seconds} s  {detail}"
        line = line[: shutil.get_terminal_size().columns - 1].rstrip()
        sys.stderr.write("\r" + line.ljust(self.width))
        sys.stderr.flush()
        self.width = len(line)

    def clear(self) -> None:
        """Take the changing line away."""
        if self.can_change:
            sys.stderr.write("\r" + " " * self.width + "\r")
            self.width = 0

    def end(self) -> None:
        """Say how long it took."""
        seconds = max(1, round(time.monotonic() - self.began))
        tell(sentence("done", self.lang, seconds))
