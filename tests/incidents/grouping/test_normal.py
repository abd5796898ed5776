"""Words in normal form: disguises go, what differs stays."""

from incidents.grouping.normal import skeleton, words


def test_look_alike_letters_are_one():
    assert words("Іhr Воnus: 500 Еurо") == words("Ihr Bonus: 500 Euro")
    assert skeleton("Ärzte") == "arzte"


def test_the_recipients_own_name_and_links_are_left_out():
    shown = words("Dear ann17, your parcel waits: https://parcel.example/x?u=9", without=["ann17"])
    assert shown == {"dear", "your", "parcel", "waits"}


def test_prices_stay_whole():
    assert "29,90" in words("nur 29,90 Euro")


def test_scripts_without_spaces_give_pairs():
    assert words("口座番号") == {"口座", "座番", "番号"}


def test_a_huge_text_is_read_in_bounds():
    assert (
        len(words("a1 b2 " * 1_000_000 + " ".join(f"w{number}" for number in range(9999)))) <= 300
    )
