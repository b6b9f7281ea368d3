"""One module for each command: ``configure_parser`` declares its options, ``run`` calls the program and prints."""
