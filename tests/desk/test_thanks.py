"""A bare thank you opens nothing again."""

import pytest

from gateway.desk.thanks import is_bare_thanks


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!", "Thank you very much for your quick help", "Perfect, it works now. Thank you!\n\nAnn Miller",
        "Vielen Dank", "Danke, jetzt geht es!", "Merci beaucoup pour votre aide", "Muchas gracias por la ayuda",
        "Спасибо большое", "谢谢", "ありがとうございます", "Tack så mycket!", "Thanks Bob",
    ],
)  # fmt: skip
def test_nothing_but_thanks(text: str) -> None:
    assert is_bare_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Thanks, but it still does not work", "Thank you. When will it arrive?", "Please call me",
        "Danke, aber das Paket ist leer", "Thanks in advance for refunding order 4711",
        "Thanks!\n\nOne more thing: the invoice shows the wrong address and must be corrected",
        "Thank you for nothing, I want my money back immediately",
    ],
)  # fmt: skip
def test_a_mail_that_says_more_than_thanks(text: str) -> None:
    assert not is_bare_thanks(text)
