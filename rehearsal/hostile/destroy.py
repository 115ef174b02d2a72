"""Damage: what a student might change or stop. All is aimed at decoys of the test; signals are those that do nothing."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess

with contextlib.suppress(ImportError):  # not every engine's Python has them
    import fcntl
    import resource

libc = ctypes.CDLL(None, use_errno=True)
parent = os.getppid()


def mark(folder):
    with open(f"{folder}/attack-marker", "w") as file:
        file.write("x")


# %% a file in the course
mark(course)

# %% a file in the course, by a path through the folders above
mark(os.path.relpath(course))

# %% a file in the course, by a link
os.symlink(course, "link")
mark("link")

# %% a folder in the course
os.mkdir(f"{course}/attack-marker")

# %% a link in the course
os.symlink("canary", f"{course}/attack-marker")

# %% a pipe in the course
os.mkfifo(f"{course}/attack-marker")

# %% a file beside what another student has handed in
mark(f"{course}/submitted/honest/{assignment}")

# %% a file in the project
mark(project)

# %% a file among the packages
mark(packages)

# %% a file in the folder for all
mark(outside)

# %% a file in the home folder
mark(home)

# %% a program that runs when Python starts
os.makedirs(f"{home}/.ipython/profile_default/startup/attack-marker")

# %% a file in the exchange
mark(exchange)

# %% more words in a file
with open(f"{course}/canary", "a") as file:
    file.write("x")

# %% more words in a file, by a second name
os.link(f"{course}/canary", "second")
with open("second", "a") as file:
    file.write("x")

# %% a file emptied
os.truncate(f"{course}/canary", 0)

# %% a file emptied as it is opened
os.open(f"{course}/canary", os.O_WRONLY | os.O_TRUNC)

# %% a file removed
os.remove(f"{course}/canary")

# %% a folder removed
os.rmdir(f"{course}/empty")

# %% a file with another name
os.rename(f"{course}/canary", f"{course}/attack-marker")

# %% a file of one's own in a file's place
open("mine", "w").close()
os.replace("mine", f"{course}/canary")

# %% a file that nobody may read any more
os.chmod(f"{course}/canary", 0)

# %% a folder that everybody may write to
os.chmod(f"{course}/empty", 0o777)

# %% a file from another time
os.utime(f"{course}/canary", (0, 0))

# %% a table in the gradebook
import sqlite3
with sqlite3.connect(f"{course}/gradebook.db", timeout=1) as book:
    book.execute("create table attack_marker (x)")
tell()

# %% the gradebook, kept for oneself
with open(f"{course}/gradebook.db", "rb") as file:
    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
tell()

# %% a program of the system
subprocess.run(["touch", f"{outside}/attack-marker"], check=True)

# %% a program of the system, from the notebook's line
get_ipython().system(f"touch {outside}/attack-marker")

# %% a program of the system, by its shell
os.system(f"touch {outside}/attack-marker")

# %% a program of the system, started otherwise
os.posix_spawn("/usr/bin/touch", ["touch", f"{outside}/attack-marker"], {})

# %% another program in one's own place
os.execv("/usr/bin/touch", ["touch", f"{outside}/attack-marker"])

# %% a program that lies in memory
os.memfd_create("attack-marker")
tell()

# %% a process of one's own
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
tell()

# %% a process of one's own, by Python's library
import multiprocessing
child = multiprocessing.get_context("fork").Process(target=str)
child.start()
child.join()
tell()

# %% a signal to the process above
os.kill(parent, 0)
tell()

# %% a signal that lets the process above go on
os.kill(parent, signal.SIGCONT)
tell()

# %% a signal to all processes
os.kill(-1, 0)
tell()

# %% a signal to the group of the process above
os.killpg(os.getpgid(parent), 0)
tell()

# %% a signal to a thread of the process above
if libc.tgkill(parent, parent, 0) == 0:
    tell()

# %% a signal with a value
if libc.sigqueue(parent, 0, None) == 0:
    tell()

# %% a signal by a handle
signal.pidfd_send_signal(os.pidfd_open(parent), 0)
tell()

# %% a signal that the system sends when there is something to read
one, other = socket.socketpair()
fcntl.fcntl(one, fcntl.F_SETOWN, parent)
tell()

# %% the same, asked for otherwise
one, other = socket.socketpair()
fcntl.ioctl(one, 0x8901, parent.to_bytes(4, "little"))
tell()

# %% letters for the teacher's terminal
one, other = socket.socketpair()
try:
    fcntl.ioctl(one, 0x5412, b"x")
except OSError as error:  # it is no terminal, but was asked
    if error.errno == errno.ENOTTY:
        tell()

# %% the rank of the process above
os.setpriority(os.PRIO_PROCESS, parent, os.getpriority(os.PRIO_PROCESS, parent))
tell()

# %% the processors of the process above
os.sched_setaffinity(parent, os.sched_getaffinity(parent))
tell()

# %% the turn of the process above
os.sched_setscheduler(parent, os.sched_getscheduler(parent), os.sched_getparam(parent))
tell()

# %% the limits of the process above
resource.prlimit(parent, resource.RLIMIT_CPU)
tell()

# %% one's own limits, raised
resource.setrlimit(resource.RLIMIT_NOFILE, (open_files + 1, open_files + 1))
tell()

# %% whom the system ends when memory is short
with open(f"/proc/{parent}/oom_score_adj", "r+") as file:
    same = file.read()
    file.seek(0)
    file.write(same)
tell()

# %% a process that outlives the notebook
if libc.prctl(1, 0, 0, 0, 0) == 0:
    tell()

# %% one's own end, unannounced [ends]
os._exit(0)

# %% one's own end, by a signal [ends]
signal.raise_signal(signal.SIGTERM)

# %% one's own halt [ends]
signal.raise_signal(signal.SIGSTOP)
