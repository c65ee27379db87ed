"""Percobaan: dua puluh thread berebut satu kursi, dan tidak ada yang menjaga.

Tidak memerlukan programmu. Jalankan: python3 docs/id/percobaan/rebutan.py
Pilihan --jeda 0.001 memberi setiap thread jeda di antara melihat dan duduk.
"""

import argparse
import threading
import time

THREADS, ROUNDS = 20, 200


class Chair:
    """Satu kursi: siapa yang melihatnya kosong boleh duduk."""

    def __init__(self, pause: float) -> None:
        self.sitting: list[int] = []
        self.pause = pause

    def try_to_sit(self, who: int) -> None:
        is_free = not self.sitting
        if self.pause:
            time.sleep(self.pause)
        if is_free:
            self.sitting.append(who)


def one_round(pause: float) -> int:
    """Berapa thread yang duduk di kursi yang sama."""
    chair, start = Chair(pause), threading.Barrier(THREADS)

    def take_part(who: int) -> None:
        start.wait()
        chair.try_to_sit(who)

    threads = [threading.Thread(target=take_part, args=(who,)) for who in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(chair.sitting)


def main() -> None:
    parser = argparse.ArgumentParser(description="Berebut satu kursi")
    parser.add_argument("--jeda", type=float, default=0.0, help="detik, misalnya 0.001")
    parser.add_argument("--putaran", type=int, default=ROUNDS)
    options = parser.parse_args()
    wrong = sum(one_round(options.jeda) != 1 for _ in range(options.putaran))
    print(f"{options.putaran} putaran, jeda {options.jeda:g} detik")
    print(f"putaran dengan lebih dari satu yang duduk: {wrong}")


main()
