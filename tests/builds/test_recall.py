"""Questions that call back to mind what earlier chapters have said."""

QUESTION = "```{recall}\n1. いくつですか。\n\n   %s\n```"


def test_a_question_opens_its_answer_and_says_where_to_read_again(tiny_book, chromium):
    book = tiny_book("(sec-here)=\n## 節\n\n" + QUESTION % "2 つです({ref}`節 <sec-here>`)。")
    status, output = book.build()
    assert status == 0, output
    page = chromium.new_page()
    page.goto((book.html / "book" / "index.html").as_uri())
    question = page.locator(".recall details")
    assert not question.locator("p").is_visible()
    question.locator("summary").press("Enter")
    assert question.locator("p").inner_text() == "2 つです(節)。"
    assert question.locator("a").get_attribute("href") == "#sec-here"
    page.close()


def test_a_question_needs_an_answer_that_refers_to_its_place(tiny_book):
    for text, problem in ((QUESTION % "2 つです。", "参照"), ("```{recall}\n1. 問い\n```", "答えがありません")):
        status, output = tiny_book(text).build()
        assert status != 0
        assert problem in output and "book/index.md" in output
