"""Who signed in (wire.md G): the question behind WeCom's OAuth and its scan sign-in."""

from linli.wecom.transport import Lane, Transport


class IdentityCalls(Transport):
    """Calls about the person in front of a page."""

    def user_of_code(self, code: str) -> str | None:
        """Return the userid of the member to whom WeCom gave this code; None for somebody outside the corp.

        A code works once, within five minutes: ApiError 40029, 42003 or 42022 after that.
        """
        return self._get("auth/getuserinfo", {"code": code}, lane=Lane.HUMAN).maybe("userid")
