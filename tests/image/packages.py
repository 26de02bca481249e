"""`.ci/image_packages.py`, which runs inside the image, as a module for the tests."""

from importlib.util import module_from_spec, spec_from_file_location

from local.home import REPOSITORY

_spec = spec_from_file_location("image_packages", REPOSITORY / ".ci" / "image_packages.py")
assert _spec
assert _spec.loader
_module = module_from_spec(_spec)
_spec.loader.exec_module(_module)

OF_THE_BASE: tuple[str, ...] = _module.OF_THE_BASE
differences = _module.differences
installed_version = _module.installed_version
needed = _module.needed
own_requirements = _module.own_requirements
pins = _module.pins
