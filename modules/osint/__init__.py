"""Preserve, verify, locate and connect what is found in open sources, and report it."""
