"""The portable engine: what a student might ask of the JavaScript around Python. All is aimed at decoys of the test."""

import js
import pyodide_js
from pyodide.code import run_js


def asked(program):
    """Says so when the program gives anything."""
    if run_js(program):
        tell()


# %% a decoy in the course, read by Deno
print(js.Deno.readTextFileSync(f"{course}/canary"))

# %% a decoy in the course, by what is loaded
print(run_js(f"import('file://{course}/canary')"))
asked(f"fetch('file://{course}/canary') instanceof Response")

# %% a file in the course, written by Deno
js.Deno.writeTextFileSync(f"{course}/attack-marker", "x")

# %% a file for all
js.Deno.writeTextFileSync(f"{outside}/attack-marker", "x")

# %% a program
js.Deno.Command.new("true").outputSync()
tell()

# %% the environment
print(js.process.env.GRADER_TOKEN)
asked("process.env.HOME")

# %% a module of the system's
asked("process.getBuiltinModule('node:fs')")

# %% a module of the system's, by the way that scripts have
asked("require('node:fs')")

# %% a script of one's own
run_js("importScripts('data:text/javascript,1')")
tell()

# %% another thread
asked("new Worker('data:text/javascript,1')")

# %% a word for the next student, in what a page may store
run_js("localStorage.setItem('attack-marker', 'x')")
tell()

# %% a word for the next student, in what a page may keep of the network
asked("caches.open('attack-marker')")

# %% a connection
asked(f"new WebSocket('ws://127.0.0.1:{port}/')")

# %% a page of the network
asked(f"new XMLHttpRequest().open('GET', 'http://127.0.0.1:{port}/canary', false)")

# %% the files of the machine, mounted into Python's own
pyodide_js.FS.mkdir("/machine")
pyodide_js.FS.mount(pyodide_js.FS.filesystems.NODEFS, js.Object.fromEntries([["root", course]]), "/machine")
print(open("/machine/canary").read())
tell()

# %% more memory than there is for all, outside Python's
run_js(f"Array.from({{length: {memory} / 1e8 * 2}}, () => new Uint8Array(1e8).fill(1))")
tell()

# %% a program of JavaScript's that takes long
run_js(f"const end = Date.now() + {work} * 8000; while (Date.now() < end);")
tell()

# %% the line, taken over [refused]
run_js("globalThis.Array.prototype.push = () => { throw new Error('x') }")
k0_1 = list(range(values))

# %% what Python says of itself
run_js("globalThis.attack = 1")
js.attack = 2
placed()

# %% the end of the process [ends]
pyodide_js._module._exit(0)
