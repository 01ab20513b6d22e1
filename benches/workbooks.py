"""Resident memory while clients ask for a workbook of the whole register all at once, each again until it has one: `make workbooks`.

PROGRAM, PORT, ROWS (50,000 of the register that is generated), AT_ONCE (40) and ROUNDS (2) are variables of the environment. Prints a row for
docs/benchmarks.md for each round: before, the most while it lasts, and after 20 s of rest.
"""

import os
import threading
import time

from soak import LOCK, ROWS, ask, descriptors, resident, served

AT_ONCE = int(os.environ.get("AT_ONCE", "40"))
ROUNDS = int(os.environ.get("ROUNDS", "2"))


def main():
    with served(ROWS) as server:
        print("| round | before MB | most MB | after 20 s of rest MB | descriptors before, most, after | workbooks, MB each | asked again | s |")
        print("|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
        for turn in range(1, ROUNDS + 1):
            before, open_before = resident(server.pid)["VmRSS"], descriptors(server.pid)
            answers, again, start = [], [], time.monotonic()

            def one():
                # what did not come to its turn within the time of a request (504), or found the queue full (503), is asked again
                while (answer := ask("GET", "/report/city?format=xlsx"))[0] in (503, 504):
                    with LOCK:
                        again.append(answer[0])
                answers.append(answer)

            threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
            for thread in threads:
                thread.start()
            most, most_open = before, open_before
            while any(thread.is_alive() for thread in threads):
                most, most_open = max(most, resident(server.pid)["VmRSS"]), max(most_open, descriptors(server.pid))
                time.sleep(0.05)
            passed = time.monotonic() - start
            time.sleep(20)
            after = resident(server.pid)["VmRSS"]
            made = [len(data) for status, data in answers if status == 200 and data[:2] == b"PK"]
            if len(made) != AT_ONCE:
                raise SystemExit(f"other answers: {sorted(status for status, _ in answers)}")
            opened = f"{open_before}, {most_open}, {descriptors(server.pid)}"
            size = max(made, default=0) / 2**20
            print(f"| {turn} | {before} | {most} | {after} | {opened} | {len(made)}, {size:.1f} | {len(again)} | {passed:.0f} |", flush=True)


main()
