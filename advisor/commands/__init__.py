"""The command line, one module a group of commands. `python -m advisor --help` lists them.

Read `parsing` first (what may be asked), then `advising` (the whole calculation). Each command takes the parsed
arguments, does its work and prints little; what stands in the way is raised as `AdvisorError` and told by `telling`.
"""
