"""The tutorial's shape: clients[] and nicknames[] side by side, changed together under a lock."""
# ruff: noqa: SIM105

import argparse
import select
import socket
import threading

clients = []
nicknames = []
lock = threading.Lock()


def send(client, text):
    try:
        if select.select([], [client], [], 0)[1]:
            client.sendall((text + "\n").encode("utf-8"))
        else:
            client.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError):
        pass


def broadcast(message, sender):
    with lock:
        for client in clients:
            if client is not sender:
                send(client, message)


def nickname_of(client):
    with lock:
        index = clients.index(client)
        return nicknames[index]


def join(client, nickname):
    with lock:
        if nickname in nicknames:
            return False
        clients.append(client)
        nicknames.append(nickname)
        send(client, "OK")
        return True


def remove(client):
    with lock:
        if client in clients:
            index = clients.index(client)
            clients.pop(index)
            nicknames.pop(index)


def is_valid(name):
    if not 1 <= len(name) <= 20 or name[0] == "*" or ":" in name:
        return False
    return name.isprintable() and not any(letter.isspace() for letter in name)


def handle(client, address):
    reader = client.makefile("r", encoding="utf-8", newline="\n")
    joined = False
    try:
        send(client, "NICK")
        while True:
            line = reader.readline()
            if not line.endswith("\n"):
                break
            text = line.rstrip("\r\n")
            if joined:
                if text:
                    message = f"{nickname_of(client)}: {text}"
                    print(message, flush=True)
                    broadcast(message, client)
            elif is_valid(text) and join(client, text):
                joined = True
                print(f"Client {address[0]} terhubung dengan nickname: {text}", flush=True)
            else:
                send(client, "ERR nickname tidak bisa dipakai")
                send(client, "NICK")
    except (OSError, UnicodeDecodeError):
        pass
    remove(client)
    reader.close()
    client.close()


def receive(host, port):
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, port))
    server.listen()
    print("Server menunggu koneksi...", flush=True)
    while True:
        client, address = server.accept()
        thread = threading.Thread(target=handle, args=(client, address))
        thread.daemon = True
        thread.start()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    arguments = parser.parse_args()
    try:
        receive(arguments.host, arguments.port)
    except KeyboardInterrupt:
        pass
