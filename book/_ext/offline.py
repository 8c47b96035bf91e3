"""Sphinx extension: drop the scripts of thebe, which load a kernel client from a CDN.

Jupyter Book always activates sphinx-thebe and gives no switch to turn it off.
"""


def drop_thebe(app, pagename, templatename, context, doctree):
    def is_thebe(script) -> bool:
        return "thebe" in f"{script} {getattr(script, 'attributes', '')}".lower()

    context["script_files"][:] = [script for script in context["script_files"] if not is_thebe(script)]


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
