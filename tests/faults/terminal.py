"""Runs a program on a pseudo-terminal: terminal.py SECONDS WHAT PROGRAM ARGUMENTS…

WHAT is sent at the prompt: a text (followed by Enter), or ^C, TERM, HUP. Prints what the terminal
showed, whether its settings are as before, and how the program ended.
"""
import os, pty, re, select, signal, sys, termios, time

seconds, what, program = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    for number in range(3):
        os.dup2(slave, number)
    os.close(master)
    os.close(slave)
    import fcntl
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.execvp(program[0], program)

seen, sent, quiet_echo = b"", not what, None
deadline = time.time() + seconds
status = None
while time.time() < deadline and status is None:
    if select.select([master], [], [], 0.05)[0]:
        seen += os.read(master, 65536)
    # A console of Wine redraws its screen around each text.
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen)
    if not sent and text.rstrip().endswith((b":", b"[y/N]")):
        time.sleep(0.2)
        quiet_echo = not termios.tcgetattr(slave)[3] & termios.ECHO
        if what == "^C":
            os.write(master, b"\x03")
        elif what in ("TERM", "HUP"):
            os.kill(child, getattr(signal, "SIG" + what))
        else:
            os.write(master, what.encode() + b"\r")
        sent = True
    ended, code = os.waitpid(child, os.WNOHANG)
    if ended:
        status = code
while select.select([master], [], [], 0.1)[0]:
    seen += os.read(master, 65536)
if status is None:
    os.kill(child, signal.SIGKILL)
    print("it hangs")
after = termios.tcgetattr(slave)
sys.stdout.write(seen.decode(errors="replace").replace("\r\n", "\n"))
print("\n-- echo off at the prompt:", quiet_echo)
print("-- terminal as it was:", after == before)
if status is not None:
    how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}"
    print("-- ended by", how)
