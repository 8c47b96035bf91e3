"""What nbgrader has to know in a student's server."""

import os

c = get_config()  # noqa: F821 (given by traitlets)

c.CourseDirectory.course_id = "ibnotes"
c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
c.Exchange.root = os.environ.get("NBGRADER_EXCHANGE", "/usr/local/share/nbgrader/exchange")
