"""What the editions share: the address at the top, and the list of pages that search engines read."""

from press import languages


def test_robots_find_the_pages_of_every_edition(tmp_path):
    own = "User-agent: *\nAllow: /\nSitemap: https://example.org/course/sitemap.xml\n"
    tmp_path.joinpath("robots.txt").write_text(own, "utf-8")
    for _ in range(2):  # a build that has nothing to do
        languages.list_sitemaps(tmp_path)
        text = tmp_path.joinpath("robots.txt").read_text("utf-8")
        assert text == own + "Sitemap: https://example.org/course/en/sitemap.xml\n"


def test_a_site_without_an_address_has_no_list(tmp_path):
    languages.list_sitemaps(tmp_path)
    assert not list(tmp_path.iterdir())
