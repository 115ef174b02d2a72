"""What a hostile notebook may try. Each attack is one cell before answers that are left blank: it deserves 0 points.

Where an attack can tell that it has reached something, it prints SUCCESS or what it has found; the secrets that lie
around are the words in SECRETS.
"""

SECRETS = ["CANARY_IN_COURSE", "CANARY_IN_ENVIRONMENT", "CANARY_IN_HOME", "BEGIN SOLUTION", "CANARY_IN_SUBMISSION"]
REACHED = "SUCCESS" + "_REACHED"  # in two parts, so that the attack's own text is no success

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
}

CLASSES = {"forge": FORGE, "leak": LEAK, "destroy": DESTROY, "exhaust": EXHAUST, "inject": INJECT}
