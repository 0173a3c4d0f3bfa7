"""The three ways to be believed, for Django's `authenticate`: a password, a second step, WeCom's word."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from linli.access import second_step
from linli.access.models import Account, Binding
from linli.kit.clock import wall


class _Backend(ModelBackend):
    def user_can_authenticate(self, user: Any) -> bool:
        """Not when disabled, and not by an initial password that nobody changed in time; ends sessions too."""
        late = user.initial_until is not None and user.initial_until < wall()
        return bool(user.is_active and not late)


class Password(_Backend):
    """`username` and `password`. A name that is not there costs a hash as well (ModelBackend does that)."""


class SecondStep(_Backend):
    """`pending_account` (its password was right) and `code`: of the authenticator, or a recovery code."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, *, pending_account: int, code: str
    ) -> Account | None:
        del request
        account = Account.objects.filter(id=pending_account).first()
        if account is None or not self.user_can_authenticate(account):
            return None
        return account if second_step.accept(account_id=pending_account, code=code) else None


class WeCom(_Backend):
    """`corp_id` and `userid` that WeCom gave for a code: an account bound to this userid, or nobody."""

    def authenticate(self, request: HttpRequest | None, *, corp_id: int, userid: str) -> Account | None:  # type: ignore[override]
        del request
        bound = Binding.objects.filter(corp_id=corp_id, userid=userid).select_related("account").first()
        return bound.account if bound is not None and self.user_can_authenticate(bound.account) else None
