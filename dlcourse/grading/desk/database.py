"""What differs between the databases that a gradebook may lie in: how to write alone, what to wait for, what is wrong.

SQLite is a file in the course's folder. PostgreSQL is a server, for teachers who share one gradebook; its driver is
imported by SQLAlchemy, when an address asks for it.
"""

from collections.abc import Callable

from nbgrader import dbutil
from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from dlcourse.edition import requirement

# Kinds of faults: the beginnings of SQLite's names for them and of PostgreSQL's numbers.
BUSY: tuple[str, ...] = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "57014", "40001", "40P01")
BUSY += ("23505", "42P07")  # another program has made the same row, or the same table, at the same moment
UNREACHED = "unreached"
LOST = (UNREACHED, "08", "57P", "25P03")
BROKEN = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "XX001", "XX002")
FULL = ("SQLITE_FULL", "SQLITE_IOERR", "53100", "58030")
READ_ONLY = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "25006", "42501")

# From here on nobody else writes points: what has begun with reading can't wait for its turn to write in SQLite, and in
# PostgreSQL would write what it makes of points that have changed meanwhile.
WRITE_LOCK = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE grade IN SHARE ROW EXCLUSIVE MODE"}
ASKED_AGAIN = 2  # seconds until a database that others hold is asked again, so that we can say that we wait
# A server that has gone without a word is noticed, where the teacher's own address does not say how.
NOTICED = {"connect_timeout": "10", "keepalives_idle": "10", "tcp_user_timeout": "30000"}


def address(db_url: str) -> URL:
    """The gradebook's address, with what we need of the connection."""
    try:
        url = make_url(db_url)
    except ValueError as error:  # of the port
        raise ArgumentError(str(error)) from None
    if url.get_backend_name() == "sqlite":
        return url.update_query_dict({"timeout": str(ASKED_AGAIN)})
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return url.set(query=NOTICED | dict(url.query))
    return url


def problem(db_url: str) -> str | None:
    """Why a gradebook on a server can't be reached, in one line; None where it can be, or lies in a file."""
    try:
        url = address(db_url)
        if url.get_backend_name() != "sqlite":
            engine = create_engine(url)
            engine.connect().close()
            engine.dispose()
    except Exception as error:
        if line := explained(error):
            return line
        raise
    return None


def ask_again(engine: Engine) -> None:
    """As `timeout` in SQLite's address; of each transaction, since a pooler may hand the connection on to others."""
    if engine.dialect.name == "postgresql":

        def set_timeout(connection: Connection) -> None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{ASKED_AGAIN}s'")

        event.listen(engine, "begin", set_timeout)


def upgrade(db_url: str, revision: str = "head", of_nbgrader: Callable[[str, str], None] = dbutil.upgrade) -> None:
    """For nbgrader.dbutil.upgrade, which writes the address into a file where a % has a meaning of its own."""
    of_nbgrader(db_url.replace("%", "%%"), revision)


def database_error(error: BaseException) -> DatabaseError | None:
    """What the database has said, also when nbgrader has raised something else about it; None if it has not."""
    return next((one for one in (error, error.__context__) if isinstance(one, DatabaseError)), None)


def fault(error: BaseException) -> str:
    """SQLite's name or PostgreSQL's number of what went wrong; "" where there is none."""
    raised = database_error(error)
    if raised is None:
        return ""
    code = getattr(raised.orig, "sqlite_errorname", None) or getattr(raised.orig, "sqlstate", None)
    before_any_statement = raised.statement is None
    return str(code or (UNREACHED if before_any_statement or isinstance(raised, OperationalError) else ""))


def explained(error: BaseException) -> str | None:
    """One line for the teacher about the gradebook's database; None where it is not that which went wrong."""
    if isinstance(error, ImportError) and ((error.name or "").startswith("psycopg") or "pq wrapper" in str(error)):
        return (
            f"PostgreSQL の成績簿には psycopg が要ります。pip install {requirement('postgres')} を実行し、"
            "アドレス(db_url)を postgresql+psycopg:// で始めてください。 / the driver is not installed"
        )
    if isinstance(error, (ArgumentError, NoSuchModuleError)):
        return (
            "成績簿のアドレス(db_url)が読めません。sqlite:///ファイル か"
            " postgresql+psycopg://名前@サーバー/データベース の形で書いてください。"
            " / the gradebook's address is not understood"
        )
    code = fault(error)
    if code.startswith(LOST):
        raised = database_error(error)
        reason = str(raised and raised.orig).strip().partition("\n")[0]
        return (
            f"成績簿のデータベースにつながりません({reason})。サーバーが動いているか、アドレス、名前、パスワードを"
            "確かめてください。 / cannot reach the gradebook's database"
        )
    if code.startswith(BROKEN):
        return (
            f"成績簿がこわれています [{code}]。控えがあれば戻し、なければ別の名前にしてから、nbgrader "
            "generate_assignment で作り直してください。 / the gradebook is broken"
        )
    if code.startswith(FULL):
        return f"成績簿に書けません(ディスクがいっぱいか、こわれています)。 / the disk is full or broken [{code}]"
    if code.startswith(READ_ONLY):
        return f"成績簿に書けません(書き込みが許されていません)。 / the gradebook is read-only [{code}]"
    return None
