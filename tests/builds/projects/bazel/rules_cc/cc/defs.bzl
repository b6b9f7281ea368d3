# Stands for the rules_cc that Bazel would download: these names are in Bazel 4 itself.
cc_binary = native.cc_binary
cc_library = native.cc_library
cc_import = native.cc_import
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
