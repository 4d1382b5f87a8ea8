"""Attacks on the machine below: processes, memory, disk, channels, the kernel, the network, other people's things."""

from table import Attack, tries

_HERE_TOO = "\nanswer = 4"
_FORGED = """
import os, json, struct, socket
def forge(payload):
    for fd in range(3, 64):
        for frame in (struct.pack('>I', len(payload)) + payload, struct.pack('<I', len(payload)) + payload,
                      struct.pack('>Q', len(payload)) + payload, payload):
            try: os.write(fd, frame)
            except OSError: pass
"""
_VERDICT = "json.dumps({'checks': [{'grade_id': 'number-test', 'points': 2.0, 'max_points': 2.0, 'outcome': 'passed', 'message': ''}], 'outputs': [], 'notes': []}).encode()"
_FIND_CHANNEL = """
import gc, sys
found = [thing for thing in gc.get_objects() if type(thing).__name__ in ('Channel', 'Answers', 'socket')]
frame = sys._getframe()
while frame:
    found += [value for value in frame.f_locals.values() if type(value).__name__ in ('Channel', 'Answers')]
    frame = frame.f_back
"""
_READ = """
import os, glob
seen = []
def look(path):
    try:
        with open(path, 'rb') as file: seen.append(file.read(200_000).decode(errors='replace'))
    except (OSError, ValueError): pass
"""
_REPORT = "\nprint('SEEN', [text for text in seen if 'CANARY' in text])\nanswer = 4"

SEIZING = [
    # --- what is not the trainee's ------------------------------------------------------------
    *tries(
        "read source and other submissions",
        by_its_path=_READ + "for path in PLACES.values(): look(path)" + _REPORT,
        through_proc_1=_READ + "for path in PLACES.values(): look('/proc/1/root' + path)" + _REPORT,
        by_walking_everything=_READ
        + "for top in ('/', '/home', '/root', '/tmp', '/work', '/srv', '/mnt'):\n"
        "    for place, folders, files in os.walk(top):\n"
        "        folders[:] = [f for f in folders if f not in ('usr', 'proc', 'sys', 'lib', 'site-packages')][:40]\n"
        "        for name in files[:40]: look(os.path.join(place, name))" + _REPORT,
        in_the_memory_of_its_own_process=_READ
        + "import re\nfor line in open('/proc/self/maps').read().splitlines() if os.path.exists('/proc/self/maps') else []:\n"
        "    if 'rw' not in line: continue\n"
        "    a, b = (int(x, 16) for x in line.split()[0].split('-'))\n"
        "    try:\n"
        "        with open('/proc/self/mem', 'rb') as memory:\n"
        "            memory.seek(a); text = memory.read(min(b - a, 30_000_000))\n"
        "            seen += [m.decode() for m in re.findall(rb'CANARY-[a-z]+-[0-9a-f]{16}', text)]\n"
        "    except (OSError, ValueError, OverflowError): pass" + _REPORT,
        in_what_the_collector_of_garbage_knows="import gc\n"
        "print('SEEN', [o for o in gc.get_objects() if isinstance(o, (str, dict, list)) and 'CANARY-' in str(o)[:5000]])"
        + _HERE_TOO,
    ),
    *tries(
        "write the gradebook",
        with_sqlite="import sqlite3\ntry:\n    book = sqlite3.connect(PLACES['gradebook.db'])\n"
        "    book.execute('update grade set auto_score = 1000'); book.commit()\nexcept Exception as e: print(type(e))"
        + _HERE_TOO,
        by_nbgrader="try:\n    from nbgrader.api import Gradebook\n"
        "    Gradebook('sqlite:///' + PLACES['gradebook.db']).find_student('ada')\nexcept BaseException as e: print(type(e))"
        + _HERE_TOO,
        by_overwriting_all="for path in PLACES.values():\n    for mode in ('w', 'a', 'r+'):\n"
        "        try: open(path, mode).write('hacked')\n        except OSError: pass" + _HERE_TOO,
        by_removing_all="import os, shutil\nfor path in PLACES.values():\n"
        "    for remove in (os.remove, os.rmdir, shutil.rmtree):\n        try: remove(path)\n        except OSError: pass"
        + _HERE_TOO,
    ),
    *tries(
        "secrets in the environment",
        its_own="import os\nprint('SEEN', dict(os.environ))" + _HERE_TOO,
        of_every_process="import glob\nfor path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):\n"
        "    try: print('SEEN', open(path, 'rb').read())\n    except OSError: pass" + _HERE_TOO,
        in_the_keyring="import ctypes, os\nlibc = ctypes.CDLL(None)\nbuffer = ctypes.create_string_buffer(500)\n"
        "number = {'x86_64': 250, 'aarch64': 219}.get(os.uname().machine, -1)\n"
        "for key in (-1, -2, -3, -4, -5):\n    libc.syscall(number, 11, key, buffer, 500); print('SEEN', buffer.raw)"
        + _HERE_TOO,
        another_case="import os\nos.environ['CASEWORK_CASES'] = '{\"case-1\": 3}'\nos.environ['CASEWORK_TRUTH'] = '/'"
        + _HERE_TOO,
    ),
    *tries(
        "network",
        to_a_server_on_this_machine="import socket\nfor host in ('127.0.0.1', '::1', 'localhost', '0.0.0.0'):\n"
        "    try: socket.create_connection((host, int(PLACES['port'])), 0.3).send(b'hello')\n    except OSError: pass"
        + _HERE_TOO,
        to_a_socket_without_a_file="import socket\ntry:\n    s = socket.socket(socket.AF_UNIX)\n"
        "    s.connect('\\0' + PLACES['socket'])\nexcept OSError: pass" + _HERE_TOO,
        to_the_world="import urllib.request\ntry:\n    print(urllib.request.urlopen('http://192.0.2.1/', timeout=0.5).read())\n"
        "except OSError: pass" + _HERE_TOO,
        by_names="import socket\ntry: socket.getaddrinfo('secret.example', 80)\nexcept OSError: pass"
        + _HERE_TOO,
        a_server_of_its_own="import socket\ntry:\n    s = socket.create_server(('0.0.0.0', 0)); s.settimeout(0.2); s.accept()\n"
        "except OSError: pass" + _HERE_TOO,
    ),
    # --- the channel ------------------------------------------------------------------------------
    *tries(
        "forged frames",
        a_verdict_on_every_descriptor=_FORGED + f"forge({_VERDICT})" + _HERE_TOO,
        frames_that_lie_about_their_length=_FORGED
        + "for head in (b'\\xff' * 8, b'\\x7f\\xff\\xff\\xff', b'\\0' * 8, b'\\0\\0\\0\\x10'):\n"
        "    for fd in range(3, 64):\n        try: os.write(fd, head)\n        except OSError: pass"
        + _HERE_TOO,
        answers_to_questions_not_asked=_FORGED
        + "for _ in range(200): forge(json.dumps({'value': 5, 'ok': True, 'kind': 'value', 'plain': 5}).encode())"
        + _HERE_TOO,
        noise=_FORGED
        + "import random\nrandom.seed(1)\nfor _ in range(50): forge(random.randbytes(3000))"
        + _HERE_TOO,
        a_verdict_when_it_leaves=_FORGED
        + f"import atexit\natexit.register(forge, {_VERDICT})"
        + _HERE_TOO,
    ),
    *tries(
        "poison the result channel",
        the_channel_is_closed="import os\nos.closerange(3, 256)" + _HERE_TOO,
        the_channel_is_shut_on_one_side="import os, socket\nfor fd in range(3, 64):\n"
        "    try: socket.socket(fileno=os.dup(fd)).shutdown(socket.SHUT_WR)\n    except OSError: pass"
        + _HERE_TOO,
        the_channel_is_never_read="import os, socket, threading, time\n"
        "def drink():\n    while True:\n        for fd in range(3, 64):\n"
        "            try: os.set_blocking(fd, False); os.read(fd, 65536)\n            except OSError: pass\n        time.sleep(0.01)\n"
        "threading.Thread(target=drink, daemon=True).start()" + _HERE_TOO,
        the_object_is_found_and_used=_FIND_CHANNEL
        + "for thing in found:\n    for name in ('send', 'sendall', 'write'):\n"
        "        try: getattr(thing, name)({'value': 5, 'plain': 5})\n        except BaseException: pass"
        + _HERE_TOO,
        the_object_is_replaced=_FIND_CHANNEL
        + "for thing in found:\n    for name in ('send', 'receive', 'serve', '_handle', '_answer'):\n"
        "        try: setattr(type(thing), name, lambda *a, **k: {'value': 5, 'plain': 5})\n        except BaseException: pass"
        + _HERE_TOO,
        the_code_of_the_wire_is_replaced="import sys\nfor name, module in list(sys.modules.items()):\n"
        "    if name.startswith('autograder'):\n        for key in list(vars(module)):\n"
        "            if not key.startswith('__'): setattr(module, key, lambda *a, **k: 5)"
        + _HERE_TOO,
        descriptors_are_used_up="import os\nkept = []\ntry:\n    while True: kept.append(os.open('/dev/null', os.O_RDONLY))\n"
        "except OSError: pass" + _HERE_TOO,
    ),
    *tries(
        "inherited descriptors",
        all_are_read="import os\nfor fd in range(256):\n    try:\n        os.set_blocking(fd, False)\n"
        "        print('SEEN', fd, os.pread(fd, 100_000, 0))\n    except OSError: pass" + _HERE_TOO,
        all_are_followed="import os\nfor fd in range(256):\n"
        "    for way in (f'/proc/self/fd/{fd}', f'/proc/1/fd/{fd}', f'/dev/fd/{fd}'):\n"
        "        try: print('SEEN', os.readlink(way), open(way, 'rb').read(1000))\n        except (OSError, ValueError): pass"
        + _HERE_TOO,
        folders_lead_out="import os\nfor fd in range(256):\n    try: print('SEEN', os.listdir(fd)); os.fchdir(fd); print(os.listdir('../..'))\n"
        "    except OSError: pass" + _HERE_TOO,
    ),
    # --- leaving, looping, outliving --------------------------------------------------------------
    *tries(
        "leave with os._exit",
        at_once="import os\nos._exit(0)",
        when_asked="import os\ndouble = lambda n: os._exit(0)" + _HERE_TOO,
        by_a_fault="import ctypes\nctypes.string_at(0)",
        by_exec="import os\nos.execv('/bin/sh', ['sh', '-c', 'sleep 60'])",
        by_killing_itself="import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        by_a_stack_without_end="import sys\nsys.setrecursionlimit(10**9)\ndef down(n): return down(n + 1)\ndown(0)",
        when_memory_is_looked_at="class Odd:\n    def __del__(self):\n        import os; os._exit(0)\nanswer = Odd()",
    ),
    *tries(
        "an endless loop",
        for_ever="while True: pass",
        in_c="sum(iter(int, 1))",
        by_sleeping="import time\ntime.sleep(9999)",
        asleep_on_a_lock="import threading\nlock = threading.Lock(); lock.acquire(); lock.acquire()",
    ),
    *tries(
        "a loop that ignores SIGINT",
        by_catching="while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        by_a_handler="import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        by_blocking="import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\nwhile True: pass",
        by_a_regular_expression="import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')",
    ),
    *tries(
        "threads and daemons that outlive the run",
        a_daemon="import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(3600)\n    os._exit(0)"
        + _HERE_TOO,
        threads="import threading, time\nfor _ in range(8): threading.Thread(target=time.sleep, args=(3600,)).start()"
        + _HERE_TOO,
        a_program="import subprocess\nsubprocess.Popen(['sleep', '3600'], start_new_session=True)"
        + _HERE_TOO,
        a_thread_that_changes_it_all_the_time="import threading\nanswer = 4\ndef change():\n    import time\n"
        "    while True:\n        globals()['answer'] = 4 if globals()['answer'] == 7 else 7; time.sleep(0.0001)\n"
        "threading.Thread(target=change, daemon=True).start()",
        an_alarm="import signal\nsignal.signal(signal.SIGALRM, lambda *a: (_ for _ in ()).throw(SystemExit))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)" + _HERE_TOO,
    ),
    # --- using up ---------------------------------------------------------------------------------
    *tries(
        "fork and memory bombs",
        forks="import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        programs="import subprocess\nwhile True: subprocess.Popen(['sh', '-c', 'sh & sh & sleep 60'])",
        threads_without_end="import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(600,)).start()",
        memory="kept = []\nwhile True: kept.append(bytearray(10_000_000))",
        memory_in_many_processes="import os, time\nfor _ in range(12):\n    if os.fork() == 0:\n        kept = bytearray(60_000_000); time.sleep(600)\n"
        "time.sleep(1)" + _HERE_TOO,
        memory_without_a_name="import mmap\nkept = [mmap.mmap(-1, 50_000_000, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) for _ in range(8)]\n"
        "for m in kept: m.write(b'x' * 50_000_000)" + _HERE_TOO,
        a_number_without_end="answer = 10 ** 10 ** 9",
        a_text_without_end="answer = 'x' * 3_000_000_000",
    ),
    *tries(
        "filling the disk",
        its_home="file = open('full', 'wb')\ntry:\n    while True: file.write(b'x' * 1_000_000)\nexcept OSError: pass"
        + _HERE_TOO,
        all_places="for place in ('/tmp', '/dev/shm', '/desk', '.', '/var/tmp', '/dev/mqueue'):\n    for n in range(30):\n"
        "        try: open(f'{place}/f{n}', 'wb').write(b'x' * 7_000_000)\n        except OSError: pass"
        + _HERE_TOO,
        files_without_end="import os\ntry:\n    for n in range(10**6): os.close(os.open(f'f{n}', os.O_CREAT | os.O_WRONLY))\nexcept OSError: pass"
        + _HERE_TOO,
        a_file_with_a_hole="import os\ntry: os.truncate(os.open('hole', os.O_CREAT | os.O_RDWR), 2**50)\nexcept OSError: pass"
        + _HERE_TOO,
    ),
    *tries(
        "signals",
        to_everybody="import os, signal\nfor number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):\n    try: os.kill(-1, number)\n"
        "    except OSError: pass" + _HERE_TOO,
        to_the_grader="import os, signal\nfor pid in [int(PLACES['pid']), os.getppid(), *range(2, 300)]:\n"
        "    try: os.kill(pid, signal.SIGKILL)\n    except (OSError, OverflowError): pass"
        + _HERE_TOO,
        to_its_group="import os, signal\nfor group in (0, os.getpgrp(), 1):\n    try: os.killpg(group, signal.SIGSTOP)\n    except OSError: pass"
        + _HERE_TOO,
        all_are_ignored="import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass"
        + _HERE_TOO,
        it_stops_itself="import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)" + _HERE_TOO,
        a_change_of_priority="import os\nfor which in range(3):\n    try: os.setpriority(which, 0, -20)\n    except OSError: pass\n"
        "try: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))\nexcept OSError: pass"
        + _HERE_TOO,
    ),
    # --- the kernel -------------------------------------------------------------------------------
    *tries(
        "/proc",
        whose_processes_there_are="import os\nprint('SEEN', [open(f'/proc/{p}/cmdline').read() for p in os.listdir('/proc') if p.isdigit()])"
        + _HERE_TOO,
        settings_are_written="for path in ('/proc/sys/kernel/core_pattern', '/proc/self/oom_score_adj', '/proc/sys/vm/overcommit_memory', "
        "'/proc/sysrq-trigger', '/proc/self/uid_map'):\n    try: open(path, 'w').write('-1000')\n    except OSError: pass"
        + _HERE_TOO,
        another_root="import os\nfor p in os.listdir('/proc'):\n    for way in ('root', 'cwd', 'exe'):\n"
        "        try: print('SEEN', os.listdir(f'/proc/{p}/{way}/..'))\n        except OSError: pass"
        + _HERE_TOO,
        keys_and_mounts="for path in ('/proc/keys', '/proc/key-users', '/proc/self/mountinfo', '/proc/kallsyms', '/proc/kcore', '/proc/net/unix'):\n"
        "    try: seen = open(path, 'rb').read(100_000); print('CANARY-' in str(seen))\n    except OSError: pass"
        + _HERE_TOO,
    ),
    *tries(
        "kernel interfaces",
        a_world_of_its_own="import os\nfor flags in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000):\n"
        "    try:\n        import ctypes; ctypes.CDLL(None).unshare(flags)\n    except OSError: pass"
        + _HERE_TOO,
        mounts="import ctypes\nlibc = ctypes.CDLL(None)\nfor kind in (b'tmpfs', b'proc', b'overlay', b'bind'):\n"
        "    libc.mount(b'none', b'/tmp', kind, 0, b''); libc.umount2(b'/proc', 2); libc.umount2(b'/desk', 2)"
        + _HERE_TOO,
        ptrace="import ctypes\nlibc = ctypes.CDLL(None)\nfor pid in range(1, 40): libc.ptrace(16, pid, 0, 0)"
        + _HERE_TOO,
        memory_of_other_processes="import ctypes, os\nlibc = ctypes.CDLL(None)\nbuffer = ctypes.create_string_buffer(100)\n"
        "vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 100)\n"
        "for pid in (1, os.getppid(), int(PLACES['pid'])): libc.process_vm_readv(pid, vector, 1, vector, 1, 0)"
        + _HERE_TOO,
        io_uring_bpf_and_perf="import ctypes\nlibc = ctypes.CDLL(None)\nfor number in (425, 426, 427, 321, 298, 323, 310, 311, 272, 308, 165, 166, 246, 169):\n"
        "    libc.syscall(number, 1, 0, 0, 0, 0)" + _HERE_TOO,
        shared_memory="import ctypes\nlibc = ctypes.CDLL(None)\nfor key in range(30): libc.shmget(key, 40_000_000, 0o1666)\n"
        "try:\n    import os; fd = os.memfd_create('x'); os.ftruncate(fd, 400_000_000); os.write(fd, b'x' * 400_000_000)\n"
        "except (OSError, AttributeError, MemoryError): pass" + _HERE_TOO,
        no_core_is_dumped="import os, signal, resource\ntry: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))\nexcept (OSError, ValueError): pass\n"
        "if os.fork() == 0: os.abort()" + _HERE_TOO,
        a_debugger_of_python="import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\n"
        "sys.addaudithook(lambda event, args: (_ for _ in ()).throw(SystemExit) if 'import' in event else None)"
        + _HERE_TOO,
    ),
    Attack(
        "right answers after every seizing still count",
        "signals",
        {"number": "import os\nos.setsid() if os.getpid() != os.getsid(0) else None\nanswer = 5"},
        honest={"number": "answer = 5"},
        base="right",
        exactly=True,
    ),
    # --- what is put out --------------------------------------------------------------------------
    *tries(
        "an enormous output",
        one_line="print('x' * 50_000_000)" + _HERE_TOO,
        a_display="from IPython.display import HTML, display\ndisplay(HTML('<b>' * 5_000_000))"
        + _HERE_TOO,
        a_traceback="raise ValueError('x' * 20_000_000)",
        a_name_of_an_exception="raise type('E' * 1_000_000, (Exception,), {})('now')",
        a_picture="import matplotlib.pyplot as plt\nplt.figure(figsize=(3000, 3000)); plt.plot([1])"
        + _HERE_TOO,
    ),
    *tries(
        "floods of output",
        on_stdout="while True: print('x' * 10_000)",
        on_stderr="import sys\nwhile True: sys.stderr.write('x' * 10_000)",
        on_the_real_descriptors="import os\nfor _ in range(2000):\n    for fd in (0, 1, 2):\n        try: os.write(fd, b'x' * 65536)\n"
        "        except OSError: pass" + _HERE_TOO,
        of_displays="from IPython.display import display\nfor n in range(20_000): display(n)"
        + _HERE_TOO,
        of_streams_in_turn="import sys\nfor n in range(100_000):\n    print(n); sys.stderr.write('e')"
        + _HERE_TOO,
        of_figures="import matplotlib.pyplot as plt\nfor n in range(60): plt.figure(); plt.plot(range(9))"
        + _HERE_TOO,
    ),
    *tries(
        "a warning on stderr",
        said_plainly="import warnings, sys\nwarnings.warn('careful')\nsys.stderr.write('error!')"
        + _HERE_TOO,
        as_an_error="import warnings\nwarnings.simplefilter('error')" + _HERE_TOO,
        by_logging="import logging\nlogging.critical('all is lost')" + _HERE_TOO,
    ),
    Attack(
        "right answers with warnings are not punished",
        "a warning on stderr",
        {
            "number": "import warnings, sys\nwarnings.warn('careful')\nprint('oh', file=sys.stderr)\nanswer = 5"
        },
        honest={"number": "answer = 5"},
        base="right",
        exactly=True,
    ),
    *tries(
        "a script in an output",
        html="from IPython.display import HTML, Javascript, SVG, IFrame, display\n"
        "display(HTML('<script>alert(1)</script><img src=x onerror=alert(1)><iframe src=//evil.example>'))\n"
        "display(Javascript('alert(1)'), IFrame('https://evil.example', 1, 1))\n"
        'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>\'))'
        + _HERE_TOO,
        markdown_and_latex="from IPython.display import Markdown, Latex, display\n"
        "display(Markdown('[x](javascript:alert(1)) <svg onload=alert(1)> ![x](https://evil.example/x.png)'))\n"
        "display(Latex(r'$\\href{javascript:alert(1)}{x}$ \\require{html} </script><script>alert(1)</script>'))"
        + _HERE_TOO,
        other_kinds="from IPython.display import display\nfor kind in ('application/javascript', 'application/vnd.jupyter.widget-view+json', "
        "'image/svg+xml', 'text/html', 'application/vnd.plotly.v1+json', 'application/pdf', 'text/latex', 'image/png', 'x/y', '<script>'):\n"
        "    for value in ('<script>alert(1)</script>', {'a': '<script>'}, ['<img src=x onerror=alert(1)>'], None, 5):\n"
        "        display({kind: value}, raw=True)" + _HERE_TOO,
        names_and_errors="raise type('<script>alert(1)</script>', (Exception,), {})('<img src=x onerror=alert(1)>')",
        a_table="import pandas as pd\npd.DataFrame({'<script>alert(1)</script>': ['<img src=x onerror=alert(1)>']}).style",
        styles_that_cover_the_page="from IPython.display import HTML, display\n"
        "display(HTML('<style>*{display:none}</style><div style=\"position:fixed;top:0;left:0;width:100%;height:100%\">20 of 20 points</div>'))\n"
        "display(HTML('</div></div></body></html><form action=//evil.example><input name=q><meta http-equiv=refresh content=0>'))"
        + _HERE_TOO,
        in_the_message_of_an_assert="class Odd(int):\n    __repr__ = __str__ = lambda self: '<script>alert(1)</script>'\nanswer = Odd(4)",
    ),
]
