"""Write the page of the bibliography in every build: which entries it lists depends on what other pages cite."""


def pages_with_a_bibliography(app, env):
    return sorted({key.docname for key in env.get_domain("cite").bibliographies})


def setup(app):
    app.connect("env-updated", pages_with_a_bibliography)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
