"""Pages opened a few at a time: each waits more than it works."""

AT_ONCE = 4


def side_by_side(addresses, new_page, until):
    """(name, page) for each of the addresses (name → URL), as soon as its group is loaded so far.

    new_page: makes the page for a name. until: the state of loading, as Playwright names it.
    """
    names = list(addresses)
    for start in range(0, len(names), AT_ONCE):
        group = {name: new_page(name) for name in names[start : start + AT_ONCE]}
        for name, page in group.items():
            page.goto(addresses[name], wait_until="commit")
        for page in group.values():
            page.wait_for_load_state(until)
        yield from group.items()
        for page in group.values():
            page.close()
