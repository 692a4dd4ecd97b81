"""Which versions of Python are meant: Makefile, README and package say the same."""

from __future__ import annotations

import re

from iracing_pipeline_tests.support.places import ROOT


def test_makefile_readme_and_package_agree_on_the_versions_of_python() -> None:
    makefile, readme, package = (
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("Makefile", "README.md", "pyproject.toml")
    )
    minors = [
        int(one) for one in re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', package)
    ]
    assert minors == list(range(min(minors), max(minors) + 1))
    assert f'requires-python = ">=3.{min(minors)}"' in package
    assert f"You need Python 3.{min(minors)} to 3.{max(minors)} " in readme
    assert f"(3, {min(minors)}) <= v < (3, {max(minors) + 1})" in makefile
    assert f"Python 3.{min(minors)} to 3.{max(minors)} is needed" in makefile
