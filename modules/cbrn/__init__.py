"""Treaties against CBRN terrorism as data, and their rules as code. Law only. Not legal advice."""
