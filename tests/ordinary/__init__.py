"""Ordinary assignments: what teachers ask in nbgrader anywhere, which must be worth the same points here as there.

*.items                     what is asked and how it is tested, a file for each kind (items.py says how to read them)
beside/                     files that lie beside the notebooks
items.py                    the items, and an assignment made of them with three students who hand it in
stock.py                    grades them with nbgrader as it comes, and keeps its points in stock.json: minutes
stock.json                  … those points (generated)
test_as_nbgrader_would.py   grades them here and compares
"""
