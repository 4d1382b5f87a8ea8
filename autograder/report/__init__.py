"""What did a class find hard? One page and one table for the instructor, from marks and answers.

tables      the marks, out of nbgrader's gradebook, which is only read
answers     what the judge said and what was written, out of the graded notebooks
measures    the usual figures of item analysis, each a pure function
analysis    the figures of each question, and which questions need a second look
mistakes    the commonest wrong answers
plots       pictures that say in words what they show
page        the page and the table, as text
command     `casework report`
"""
