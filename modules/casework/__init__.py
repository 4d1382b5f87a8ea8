"""What a notebook imports first: open a case, draw in one look, explore."""
