"""Sphinx extension: drop the scripts of thebe, which load a kernel client from a CDN.

Jupyter Book always activates sphinx-thebe and gives no switch to turn it off.
"""


def drop_thebe(app, pagename, templatename, context, doctree):
    scripts = context["script_files"]
    scripts[:] = [
        s
        for s in scripts
        if "thebe" not in str(getattr(s, "filename", s)).lower() + str(getattr(s, "attributes", "")).lower()
    ]


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
