"""Compile an extension module by the C compiler that CC names: hatchling itself compiles nothing."""

import os
import subprocess
import sysconfig

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileHook(BuildHookInterface):
    """The hook that hatchling runs before it collects the files of the wheel."""

    def initialize(self, version, build_data):
        """Compile the module beside its source, and put it into the wheel."""
        name = f"hatch_ext{sysconfig.get_config_var('EXT_SUFFIX')}"
        include = f"-I{sysconfig.get_paths()['include']}"
        words = [
            os.environ.get("CC", "cc"),
            "-O1",
            "-shared",
            "-fPIC",
            include,
            "-o",
            name,
            "module.c",
            "-lm",
            "-pthread",
        ]
        subprocess.run(words, cwd=self.root, check=True)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"][name] = name
