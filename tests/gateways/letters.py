"""A letter to send in tests of mail."""

from email.message import EmailMessage

from rewards_service.gateways.mail import Letter


def letter(to="ada@example.org", *, body="Hello\n.\n..dots\n", message_id="<msg_1@shop.example>"):
    """A short letter; one line of it is a dot."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.com", to, "Hi"
    message["Message-ID"] = message_id
    message.set_content(body)
    return Letter(sender="shop@example.com", recipient=to, message=message)
