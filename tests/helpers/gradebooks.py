"""Gradebooks made in a moment: nbgrader itself starts another program, to note of which edition the tables are."""

from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine


def empty_gradebook(file):
    address = f"sqlite:///{file}"
    engine = create_engine(address)
    Base.metadata.create_all(engine)
    engine.dispose()
    return Gradebook(address, "course")
