"""Is everything there that the coach needs, and what mends it? Each file looks at one part of a machine.

Rule: a look never changes anything, never fails, and ends within seconds. What it cannot find out it leaves out.
"""
