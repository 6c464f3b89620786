import collections, tests.routing.test_state_machine as m, pytest, atexit
C=collections.Counter()
orig=m.check_log
def chk(log):
    for r in log:
        d=r.event.data(); C[r.event.name, d.get("state") or d.get("outcome") or d.get("reason") or "", d.get("kind","") if r.event.name.startswith("offer") else ""]+=1
    orig(log)
m.check_log=chk
from tests.routing.test_state_machine import *
def test_zz_print():
    for k,v in sorted(C.items()): print(v,k)
