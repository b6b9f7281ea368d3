"""The documentation: every command of its pages, and the site that is built from them."""
