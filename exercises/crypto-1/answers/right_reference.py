# right
