"""Percobaan: mana yang milik satu thread, dan mana yang dipakai bersama.

Tidak memerlukan programmu. Jalankan: python3 docs/id/percobaan/bersama.py
"""

import threading

board: list[str] = []  # Di luar fungsi: satu untuk semua thread.


def work(who: str, turn: threading.Semaphore, other: threading.Semaphore) -> None:
    """Tulis tiga catatan, bergantian dengan thread yang lain."""
    mine = []  # Di dalam fungsi: setiap thread punya sendiri.
    for number in (1, 2, 3):
        turn.acquire()
        mine.append(number)
        board.append(f"{who}{number}")
        print(f"{threading.current_thread().name}: mine = {mine}, board = {board}")
        other.release()


def main() -> None:
    first, second = threading.Semaphore(1), threading.Semaphore(0)
    threads = [
        threading.Thread(target=work, name="thread A", args=("a", first, second)),
        threading.Thread(target=work, name="thread B", args=("b", second, first)),
    ]
    for thread in threads:
        thread.start()
    print(f"sekarang ada {threading.active_count()} thread, termasuk thread utama")
    for thread in threads:
        thread.join()
    print(f"sesudah keduanya selesai: {threading.active_count()} thread, board = {board}")


main()
