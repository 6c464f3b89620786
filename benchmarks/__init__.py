"""`make bench`: what the product does in a second, each figure beside its limit measured in the same run.

`python -m benchmarks [inbound] [guest] [desk]`. The product runs as `make run` runs it, on stores of its own
with durable commits; the load comes from another process. Results land in `benchmarks/results/`.
Absolute figures say little on another machine: read the ratios.
"""
