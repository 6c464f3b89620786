"""Demo data: a company, its past week, and live customers. Nothing else in the product needs this package.

`company` the tables of who and what there is · `week` the past week, by the real actions in virtual time ·
`traffic` live customers over the guest protocol · `accounts` and `info` what scripts and people need to log in.
"""
