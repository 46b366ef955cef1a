"""Mail: a letter goes to a server, to a directory of files, or to memory."""

from rewards_service.gateways.mail.memory import MemoryMail
from rewards_service.gateways.mail.outbox import OutboxMail, find_letters
from rewards_service.gateways.mail.protocol import Letter, MailGateway
from rewards_service.gateways.mail.selection import mail_gateway
from rewards_service.gateways.mail.smtp import SmtpMail

__all__ = ["Letter", "MailGateway", "MemoryMail", "OutboxMail", "SmtpMail", "find_letters", "mail_gateway"]
