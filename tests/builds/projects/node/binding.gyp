{"targets": [{"target_name": "hello", "sources": ["hello.c", "greet.cc"], "libraries": ["-lm"]}]}
