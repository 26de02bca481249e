"""Mutation tests: break the code in sampled places, and check that the tests nearby notice.

An own tool, because two thirds of what it breaks is out of reach of the known ones: mutmut 3
mutates only the bodies of functions without decorators (a task is a decorated function, a source a
constant of its module), Cosmic Ray neither strings nor statements nor arguments, both only Python.
"""
