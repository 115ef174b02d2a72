"""What make runs of the press: each file is a program, `python -m press.commands.NAME` from the project's folder.

build        make book
preview      make live
pdf          make pdf
bundle       make bundle
release      make release
editor       make editor
lighthouse   make lighthouse
server       a server that sends what GitHub Pages does, for measuring
"""
