"""What the set-up and the suite do when a package registry answers with an error: real clients, a registry on loopback
that lists packages and does not have them."""
