"""Short messages: to a directory of files, or to memory."""

from rewards_service.gateways.sms.memory import MemorySms
from rewards_service.gateways.sms.outbox import OutboxSms
from rewards_service.gateways.sms.protocol import ShortMessage, SmsGateway
from rewards_service.gateways.sms.selection import sms_gateway

__all__ = ["MemorySms", "OutboxSms", "ShortMessage", "SmsGateway", "sms_gateway"]
