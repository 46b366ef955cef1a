"""What recipients ask, answered where it arises."""

from rewards_service.web.i18n import _lazy

QUESTIONS = (
    (
        _lazy("How do I use my code?"),
        _lazy("Type or paste it on the first page. You see what it holds; then choose a reward and order it."),
    ),
    (
        _lazy("Must I spend it all at once?"),
        _lazy("No. What is left stays on the code, or in your wallet, until the date shown beside it."),
    ),
    (
        _lazy("Can I use several codes for one reward?"),
        _lazy("Yes, up to 15 codes and your wallet together. Value that expires soonest is used first."),
    ),
    (
        _lazy("The message with my code never came"),
        _lazy("Look into the spam folder first. Whoever rewards you can see what happened and send it once more."),
    ),
    (
        _lazy("My code is not accepted"),
        _lazy(
            "If the page speaks of a slip, compare the marked text with your message. Otherwise it may have expired, "
            "be spent, or have been replaced: whoever sent it can tell and, if need be, send a new one."
        ),
    ),
    (
        _lazy("Somebody else may have seen my code"),
        _lazy("Sign in and move its value into your wallet: from then on only you can spend it."),
    ),
    (
        _lazy("Can I take an order back?"),
        _lazy(
            "As long as it is being prepared: open the order and cancel it. Every part goes back to where it came from."
        ),
    ),
    (
        _lazy("Is my account safe without a password?"),
        _lazy("Each sign-in message works once, for ten minutes, and only in the browser that asked for it."),
    ),
)
"""Question and answer, in the order in which they come up."""
