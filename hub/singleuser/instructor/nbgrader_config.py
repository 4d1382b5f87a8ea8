"""nbgrader in the instructor's room: the class as the hub has laid it out there."""

load_subconfig("/class/instructor/crossborder/nbgrader_config.py")  # noqa: F821 - traitlets gives it
