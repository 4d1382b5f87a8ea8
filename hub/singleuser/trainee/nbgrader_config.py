"""nbgrader in a trainee's room: which course, and where the exchange is seen."""

c = get_config()  # noqa: F821 - given by traitlets, which runs this file
c.CourseDirectory.course_id = "crossborder"
c.Exchange.root = "/srv/exchange"
