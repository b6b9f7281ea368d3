"""Tests of the verifier: agreement with real loaders, the start-up fault, bad and hostile input, the reports."""
