"""What a reported mail shows of itself: the script of a web host that made it."""

import pytest

from complaints.formats.original import of_sample
from complaints.formats.quoted import Sample


@pytest.mark.parametrize(
    ("field", "script"),
    [
        ("X-PHP-Originating-Script: 33:mailer.php", "33:mailer.php"),
        ("X-PHP-Originating-Script: 1005:x7.php(12) : eval()'d code", "1005:x7.php"),
        ("X-PHP-Script: web.example/up/s.php for 203.0.113.9", "web.example/up/s.php"),
        ("X-Source-Dir: shop.example:/public_html/up", "shop.example:/public_html/up"),
        ("X-Source-Dir:", ""),
    ],
)  # fmt: skip
def test_the_script_of_a_web_host_that_made_it_is_read(field, script):
    head = f"From: a@shop.example\nSubject: Slim in a week\n{field}\n"
    assert of_sample(Sample(head, "Buy now", False, False, False), "the text").script == script
