"""Imported once, by the server of forks."""

from tools.mutants.child import import_libraries

import_libraries()
