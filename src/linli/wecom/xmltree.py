"""Reads the small flat XML of callbacks safely."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from linli.wecom.errors import BadXml, BodyTooLarge

MAX_BYTES = 64 * 1024


def parse(body: bytes) -> Element:
    """Return the root element; raises BodyTooLarge above 64 KiB and BadXml for broken or dangerous XML."""
    if len(body) > MAX_BYTES:
        raise BodyTooLarge
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadXml(type(error).__name__) from error
    return root
