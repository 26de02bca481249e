"""The actions as their repositories had them on 2026-11-29: tag, the tag's commit and its runtime.

An upgrade changes its line after a look at `action.yml` of the new tag (docs/upgrades.md).
"""

from typing import NamedTuple


class Pin(NamedTuple):
    """A release of an action."""

    tag: str
    commit: str
    runtime: str  # `runs.using` in its action.yml; of a composite action, of those that it uses.


# upload-pages-artifact is a composite action; it uses upload-artifact v7.0.0.
_TABLE = """
actions/checkout               v6.0.2  de0fac2e4500dabe0009e67214ff5f5447ce83dd  node24
actions/cache/restore          v5.0.5  27d5ce7f107fe9357f9df03efb73ab90386fccae  node24
actions/cache/save             v5.0.5  27d5ce7f107fe9357f9df03efb73ab90386fccae  node24
actions/setup-python           v6.2.0  a309ff8b426b58ec0e2a45f0f869d46889d02405  node24
actions/upload-artifact        v6.0.0  b7c566a772e6b6bfb58ed0dc250532a479d7789f  node24
actions/upload-pages-artifact  v5.0.0  fc324d3547104276b827a68afc52ff2a11cc49c9  node24
actions/deploy-pages           v5.0.0  cd2ce8fcbc39b97be8ca5fce6e763baed58fa128  node24
hashicorp/setup-terraform      v4.0.0  5e8dbf3c6d9deaf4193ca7a8fb23f2ac83bb6c85  node24
"""

ACTIONS = {name: Pin(*fields) for name, *fields in map(str.split, _TABLE.strip().splitlines())}
