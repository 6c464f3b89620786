import collections, tests.routing.test_state_machine as m
C=collections.Counter(); L=[]
o=m.Routing.__init__
def init(self): o(self); L.append(0)
m.Routing.__init__=init
from hypothesis import stateful
R=m.Routing
orig=R.check_invariants
def ci(self,*a,**k):
    L[-1]+=1
    return orig(self,*a,**k)
R.check_invariants=ci
os_=R._add_results_to_targets if hasattr(R,'_add_results_to_targets') else None
from tests.routing.test_state_machine import *
def test_zz_print(): print(sorted(L), sum(L))
