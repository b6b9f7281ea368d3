"""What all commands share: the table of commands, the argument parser, options that several commands have."""
