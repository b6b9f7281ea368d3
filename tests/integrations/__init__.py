"""What carries symver-pin into other tools: the GitHub Action, the pre-commit hook, CMake, shells, man."""
