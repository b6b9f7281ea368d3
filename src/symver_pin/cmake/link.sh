#!/bin/sh
# link.sh WRAPPER COMPILER ARGUMENTS...: a link by a kit's wrapper in place of the compiler. CMake puts a launcher before
# its own command line, so the compiler's name comes as a word and is dropped here: the wrapper knows it.
wrapper=$1
shift 2
exec "$wrapper" "$@"
