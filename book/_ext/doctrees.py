"""The pages as they were read, for those that look at all of them: each is unpickled once in a build.

They are shared, so nobody changes them.
"""

import functools


@functools.cache
def read(env, page):
    return env.get_doctree(page)
