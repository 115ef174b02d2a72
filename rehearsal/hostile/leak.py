"""Secrets: what a student might look for. All that lies there are decoys with a word in them, and a listener."""

import ctypes
import glob
import os
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)


def parents():
    """The processes above this one, the nearest first."""
    number = os.getppid()
    while number:
        yield number
        try:
            with open(f"/proc/{number}/stat") as file:
                number = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            return


def show(path):
    with open(path, errors="replace") as file:
        print(file.read())


# %% everything below the course
for folder, _, names in os.walk(course):
    for each in names:
        try:
            show(os.path.join(folder, each))
        except OSError:
            pass

# %% the source notebook with the answers
show(f"{course}/solutions/{assignment}/{assignment}.ipynb")

# %% a decoy in the course
show(f"{course}/canary")

# %% by a path through the folders above
show(os.path.relpath(f"{course}/canary"))

# %% from a folder that is entered first
os.chdir(course)
show("canary")

# %% by a folder that is only looked up
place = os.open(course, os.O_PATH)
with os.fdopen(os.open("canary", os.O_RDONLY, dir_fd=place)) as file:
    print(file.read())

# %% by a link to the decoy
os.symlink(f"{course}/canary", "link")
show("link")

# %% by a second name of the decoy
os.link(f"{course}/canary", "second")
show("second")

# %% by a loader of NumPy's
print(np.loadtxt(f"{course}/canary", dtype=str))

# %% by a database's door, the gradebook
import sqlite3
print(sqlite3.connect(f"file:{course}/gradebook.db?mode=ro", uri=True).execute("select * from sqlite_master").fetchall())
tell()

# %% the gradebook's bytes
with open(f"{course}/gradebook.db", "rb") as file:
    file.read(1)
tell()

# %% what another student has handed in
show(f"{course}/submitted/honest/{assignment}/{assignment}.ipynb")

# %% who has handed in
print(os.listdir(f"{course}/submitted"))
tell()

# %% the exchange
show(f"{exchange}/canary")

# %% the home folder
show(f"{home}/canary")

# %% the home folder, by its sign
show(os.path.expanduser("~/canary"))

# %% the environment
print(dict(os.environ))

# %% the environment of the processes above
for number in parents():
    try:
        show(f"/proc/{number}/environ")
    except OSError:
        pass

# %% the command lines of all processes
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        with open(path) as file:
            if course in file.read():
                tell()
    except OSError:
        pass

# %% the memory of the process above, where it lies
show(f"/proc/{os.getppid()}/maps")
tell()

# %% the folder in which a process above works
for number in parents():
    try:
        os.listdir(f"/proc/{number}/cwd")
        tell()
    except OSError:
        pass

# %% by the root of a process above
for number in parents():
    try:
        show(f"/proc/{number}/root{course}/canary")
    except OSError:
        pass

# %% files that are open already
for number in range(64):
    try:
        if course in os.readlink(f"/proc/self/fd/{number}"):
            tell()
    except OSError:
        pass

# %% the checks, as a module
import dlcourse.checks.chapter1
tell()

# %% the checks, among the modules
if [name for name in sys.modules if name.startswith("dlcourse.checks.chapter")]:
    tell()

# %% the checks, among all classes
def below(kind):
    for one in type.__subclasses__(kind):
        yield one
        yield from below(one)
if [one for one in below(object) if hasattr(one, "judge_in")]:
    tell()

# %% the checks, in the project's folder
show(f"{project}/dlcourse/checks/chapter1/K.py")
tell()

# %% the project's settings
show(f"{project}/nbgrader_config.py")
tell()

# %% the folder above
if os.listdir("..") != [os.path.basename(os.getcwd())]:  # an engine may have a file system of its own
    tell()

# %% the folders for all
for folder in ("/tmp", "/dev/shm", "/var/tmp"):
    try:
        if os.listdir(folder):
            tell()
    except OSError:
        pass

# %% a connection
socket.create_connection(("127.0.0.1", port), 2)
tell()

# %% a connection, as for a page
import http.client
http.client.HTTPConnection("127.0.0.1", port, timeout=1).request("GET", "/canary")
tell()

# %% a datagram
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))
tell()

# %% a datagram with parts
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, ("127.0.0.1", port))
tell()

# %% a datagram to a name in no folder
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
one.sendto(b"x", f"\0attack-{port}")
tell()

# %% a listener of one's own
socket.create_server(("127.0.0.1", 0))
tell()

# %% a name looked up
if socket.gethostbyname("localhost").startswith("127."):  # some engine makes an address up
    tell()

# %% a word for the next student, in memory for all
from multiprocessing import shared_memory
left = shared_memory.SharedMemory("attack-marker", True, 10)
tell()
left.unlink()

# %% a word for the next student, in a segment
place = libc.shmget(0, 4096, 0o1600)
if place >= 0:
    libc.shmctl(place, 0, None)
    tell()

# %% a word for the next student, in a queue
place = libc.msgget(0, 0o1600)
if place >= 0:
    libc.msgctl(place, 0, None)
    tell()

# %% a watch on the folders
if libc.inotify_init1(0) >= 0:
    tell()

# %% a handle on the process above
os.pidfd_open(os.getppid())
tell()

# %% memory read by a call
if libc.process_vm_readv(os.getpid(), None, 0, None, 0, 0) >= 0:
    tell()
