"""What runs inside the sandbox: the warm parent, its children's walls, the notebook shell, the answers it gives.

Nothing here is trusted once a trainee's cell has run beside it, and nothing here is secret.
"""
