"""Looks for a key in the memory of a program that waits: memory.py full|silent COMMAND…, the key on standard input.

full: its standard output is a pipe that takes nothing more, so that it waits once its work is done.
silent: it waits for a server on this machine that takes the request and does not answer.
Prints how often the key is there, as it is, in UTF-16 and in base64.
"""
import base64, fcntl, os, socket, subprocess, sys, threading, time

how, command = sys.argv[1], sys.argv[2:]
key = sys.stdin.read().strip().encode()
reading, writing = os.pipe()
environment = dict(os.environ)
asked = threading.Event()

if how == "full":
    flags = fcntl.fcntl(writing, fcntl.F_GETFL)
    fcntl.fcntl(writing, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    for size in (4096, 1):
        try:
            while True:
                os.write(writing, b"." * size)
        except BlockingIOError:
            pass
    fcntl.fcntl(writing, fcntl.F_SETFL, flags)
else:
    server = socket.create_server(("127.0.0.1", 0))
    environment["GETIMG_KEYS_API_URL"] = f"http://127.0.0.1:{server.getsockname()[1]}"

    def serve():
        connection, _ = server.accept()
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += connection.recv(4096)
        asked.set()
        time.sleep(60)

    threading.Thread(target=serve, daemon=True).start()

program = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.DEVNULL)


def waits():
    if how == "silent":
        return asked.is_set()
    with open(f"/proc/{program.pid}/wchan", encoding="ascii") as file:
        return "pipe_write" in file.read()


end = time.monotonic() + 30
while not waits():
    if time.monotonic() > end or program.poll() is not None:
        sys.exit("it does not wait")
    time.sleep(0.05)
time.sleep(0.3)
forms = [key, key.decode().encode("utf-16-le"), base64.b64encode(key).rstrip(b"=")[:-1]]
found = [0, 0, 0]
with open(f"/proc/{program.pid}/maps", encoding="ascii") as maps, open(f"/proc/{program.pid}/mem", "rb", 0) as memory:
    for line in maps:
        place, modes = line.split()[:2]
        if modes.startswith("r") and "[v" not in line:
            start, stop = (int(number, 16) for number in place.split("-"))
            memory.seek(start)
            try:
                held = memory.read(stop - start)
            except OSError:
                continue
            found = [count + held.count(form) for count, form in zip(found, forms)]
program.kill()
program.wait()
print(*found)
