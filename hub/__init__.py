"""JupyterHub for a class: one laptop first, every trainee in a sandbox of their own."""
