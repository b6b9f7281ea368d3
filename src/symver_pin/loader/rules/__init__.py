"""The loader's rules, one a module: each looks at a scope and yields problems."""
