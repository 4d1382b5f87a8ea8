"""JupyterHub for a class: one laptop first, every trainee in a sandbox of their own.

`python -m hub` starts it; `hub/README.md` says what each file is for and what is defended.
"""
