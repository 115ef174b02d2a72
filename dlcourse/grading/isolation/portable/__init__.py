"""The engine for any system: students' code runs in Pyodide, Python as WebAssembly, in a process of Deno's.

sandbox            the engine: processes started ahead
watcher            the process that watches them from outside
pipes              the line to one of them
prepare            what they begin with, made once on a machine
pyodide            Pyodide's files, and where they come from

On the student's side:
process.js         the process
guest              … and Python in it
"""
