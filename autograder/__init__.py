"""The instructor's room: student code runs in a sandbox, tests run in a judge, marks go to nbgrader."""
