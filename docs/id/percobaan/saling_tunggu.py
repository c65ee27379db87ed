"""Percobaan: dua thread, dua lock, dan tidak ada yang bisa maju.

Tidak memerlukan programmu. Jalankan: python3 docs/id/percobaan/saling_tunggu.py
Sesudah dua detik program menunjukkan siapa menunggu di mana, lalu selesai sendiri.
"""

import faulthandler
import sys
import threading

pen, paper = threading.Lock(), threading.Lock()
both_have_one = threading.Barrier(2)


def say(text: str) -> None:
    # Satu teks dengan akhir barisnya: dua thread tidak mencampur baris mereka.
    print(f"{threading.current_thread().name} {text}\n", end="", flush=True)


def write(first: threading.Lock, second: threading.Lock) -> None:
    """Ambil dua benda; keduanya diperlukan untuk menulis."""
    with first:
        say("memegang satu, menunggu yang lain")
        both_have_one.wait()
        with second:
            say("menulis")


def main() -> None:
    threads = [
        threading.Thread(target=write, name="ani", args=(pen, paper), daemon=True),
        threading.Thread(target=write, name="budi", args=(paper, pen), daemon=True),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=1)
    waiting = [thread.name for thread in threads if thread.is_alive()]
    print(f"Masih menunggu: {', '.join(waiting) or 'tidak ada'}", flush=True)
    if waiting:
        print("Di sinilah setiap thread berada:", flush=True)
        faulthandler.dump_traceback(file=sys.stdout)


main()
