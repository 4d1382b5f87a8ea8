"""Build a fictional world, and apart from it the truth about it, from one seed."""
