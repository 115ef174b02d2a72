"""深層学習 day1 の参照実装。Reference implementations for the course, in NumPy."""

__version__ = "0.1.0"
